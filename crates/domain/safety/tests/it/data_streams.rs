//! Personal data in streams: every kind, cut and joined in every way, leaves the same for every chunking.

use proptest::prelude::*;
use safety::{Action, Engine};
use terms::Direction;

use crate::reference::{stream, texts};
use crate::reference_data::doing;

/// An engine that does the same about every kind, with a limit that some texts come to.
fn engine(action: Action) -> Engine {
    doing(action).hold_bytes_max(safety::engine::HOLD_BYTES_LEAST * 2).build().unwrap()
}

/// Every kind, in parts, with what may follow.
fn data() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        12 => prop::sample::select(vec![
            "2409:8a00:1:2::3", "2409", ":", "8a00", "::", ".", "..", "36.106.", "174.11", "36.106.174.11", ":8080", "86:",
            "0086", "010-", "62345678", "(0755) ", "幺三八", "零零一三", "八零零零", "1三8", "护照", "E12345678", "EA",
            "1234567", "回乡证号码", "H1234567890", "台胞证", "京A", "12345", "12345学", "粤Z1234", "港", "沪A 8K", "888",
            "车牌", "地址：", "住在", "北京市", "朝阳区", "建国路", "88号", "院3号楼", "1201室", "姓名：", "张三", "sk-", "ghp_",
            "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", "AKIA", "IOSFODNN7EXAMPLE", "eyJ", "hbGciOiJIUzI1NiJ9",
            ".eyJzdWIiOiIxMjM0In0", "Bearer ", "-----BEGIN PRIVATE KEY-----", "\n", "MIIEvQIBADANBgkqhkiG9w0B",
            "-----END PRIVATE KEY-----", "postgres://app:", "s3cret", "@db.example.com", "/x", "密码：", "密码是", "Tiger2024!",
            "api_key = ", "0123456789abcdef0123", "\"password\": \"", "s3cr3tpw", "\"", "版本", "，", "。", " ", "的",
            "91110108MA01ABCD", "统一社会信用代码", "卡号", "6222021234567890128", "13800138000", "11010519491231002X",
        ]).prop_map(str::to_owned),
        2 => texts(),
        1 => "[0-9a-f:.]{1,9}",
    ];
    prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_masked_is_the_same_for_every_chunking(
        text in data(),
        cuts in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let engine = engine(Action::Mask);
        let whole = stream(&engine, &text, &[false]);
        prop_assert_eq!(&stream(&engine, &text, &cuts), &whole);
        prop_assert_eq!(&stream(&engine, &text, &[]), &whole);
    }

    #[test]
    fn nothing_of_blocked_data_leaves(text in data()) {
        let engine = engine(Action::Block);
        let verdict = engine.check(&text, Direction::Output).verdict;
        let limit = verdict.blocking().map(|finding| finding.start).min().unwrap_or(text.len());
        let mut stream = engine.stream(Direction::Output);
        let mut released = String::new();
        for c in text.chars() {
            stream.push(c.encode_utf8(&mut [0; 4]), &mut released);
            prop_assert!(stream.released() <= limit, "{} of {}", stream.released(), limit);
        }
        prop_assert_eq!(stream.finish(&mut released), verdict);
    }
}
