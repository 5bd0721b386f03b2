//! Personal data, case by case.

use safety::{Engine, Status};
use terms::Direction;

/// Checks what becomes of `text`, whole and character by character.
pub(crate) fn check(text: &str, expected: &str) {
    let engine = Engine::builder().build().unwrap();
    let whole = engine.check(text, Direction::Output);
    assert_eq!(whole.text.as_deref().unwrap_or(text), expected, "{text}");
    let mut stream = engine.stream(Direction::Output);
    let mut released = String::new();
    for c in text.chars() {
        assert_eq!(stream.push(c.encode_utf8(&mut [0; 4]), &mut released), Status::Open);
    }
    assert_eq!(stream.finish(&mut released), whole.verdict);
    assert_eq!(released, expected, "{text}");
}

pub(crate) fn untouched(text: &str) {
    check(text, text);
}

#[test]
fn mobile_phones() {
    check("请拨打13800138000联系", "请拨打138****8000联系");
    check("138-0013-8000", "138-****-8000");
    check("+86 138 0013 8000。", "+86 138 **** 8000。");
    check("8613800138000", "86138****8000");
    check("008613800138000", "0086138****8000");
    check("１３８００１３８０００", "１３８****８０００");
    check("13800138000 13900139000", "138****8000 139****9000");
    check("1\u{200B}3800\u{FE0F}138000", "138****8000");
    check("①③⑧⓪⓪①③⑧⓪⓪⓪", "①③⑧****⑧⓪⓪⓪");
    untouched("12800138000");
    untouched("138001380001");
    untouched("x13800138000");
    untouched("13800138000x");
    untouched("3.13800138000");
    untouched("1380013800");
    untouched("138  0013 8000");
    untouched("138\n0013\n8000");
}

#[test]
fn resident_ids() {
    check("身份证11010519491231002X，", "身份证110***********002X，");
    check("11010519491231002x", "110***********002x");
    check("110105 19491231 002X", "110*** ******** 002X");
    check("440524188001010014 440524198001010013", "440524188001010014 440***********0013");
    untouched("110105194912310021"); // check digit
    untouched("110105194913310020"); // month
    untouched("990105194912310025"); // province
    untouched("11010519491231002XX");
    untouched("11010519491231002X1");
}

#[test]
fn bank_cards() {
    check("卡号6222021234567890128", "卡号6222***********0128");
    check("4111 1111 1111 1111", "4111 **** **** 1111");
    check("4111-1111-1111-1111", "4111-****-****-1111");
    check("3782 822463 10005", "3782 ****** *0005");
    check("378282246310005", "3782*******0005");
    check("my card is 501864667909", "my card is 5018****7909");
    untouched("501864667909");
    untouched("卡号501864667908");
    untouched("4111111111111112");
    untouched("1234567812345670"); // Luhn holds, nobody issues it
    untouched("1732000000000"); // milliseconds
    untouched("2024-05-01 12 30");
}

#[test]
fn addresses() {
    check("写信到zhang.san@example.com。", "写信到z********@example.com。");
    check("a@b.cn", "*@b.cn");
    check("mail me at jo_e+x@mail.example-host.com.cn.", "mail me at j*****@mail.example-host.com.cn.");
    check("ＪＯＥ＠ｅｘａｍｐｌｅ．ｃｏｍ", "Ｊ**＠ｅｘａｍｐｌｅ．ｃｏｍ");
    check("...joe@x.org-ish", "...j**@x.org-ish");
    check("13800138000@qq.com", "1**********@qq.com");
    check("a1@b.com@c.com", "a*@b**************@c.com".replace("b**************", "b****").as_str());
    untouched("joe@localhost");
    untouched("joe.@example.com");
    untouched("@example.com");
    untouched("joe@example.c");
    untouched("joe@example.com1");
    untouched(&format!("{}@example.com", "a".repeat(65)));
    untouched(&format!("joe@{}com", "a.".repeat(100)));
    check(&format!("{}@example.com", "a".repeat(64)), &format!("a{}@example.com", "*".repeat(63)));
}

#[test]
fn findings_carry_original_offsets_and_no_plain_personal_data() {
    let engine = Engine::builder().build().unwrap();
    let checked = engine.check("电话：１３８００１３８０００", Direction::Input);
    let finding = &checked.verdict.findings[0];
    assert_eq!((finding.start, finding.end), (9, 42));
    assert_eq!(finding.rule, "personal-data.mobile-phone");
    assert_eq!(finding.normalised, "138****8000");
}
