//! Codes, fixed telephones, number plates, IP addresses, postal addresses and names, case by case.

use safety::{Action, Engine, PersonalData, PolicyRow};
use terms::Direction;

use crate::data::{check, untouched};

/// The texts of the hits of one kind, which may be reported only.
fn found(kind: PersonalData, text: &str) -> Vec<String> {
    let engine = Engine::builder().build().unwrap();
    let verdict = engine.check(text, Direction::Output).verdict;
    let hits = verdict.findings.iter().filter(|finding| finding.rule == kind.rule());
    hits.map(|finding| text[finding.start..finding.end].to_owned()).collect()
}

#[test]
fn mobile_phones_in_chinese_numerals() {
    check("电话一三八零零一三八零零零。", "电话一三八****八零零零。");
    check("幺三八〇〇一三八〇〇〇", "幺三八****八〇〇〇");
    check("1三8零0138零00", "1三8****8零00");
    check("一三八 零零一三 八零零零", "一三八 **** 八零零零");
    check("壹叁捌零零壹叁捌零零零", "壹叁捌****捌零零零");
    untouched("一二三四五六七八九十");
    untouched("一三八零零一三八零零");
    untouched("二一三八零零一三八零零零");
    untouched("一三八零零一三八零零零一");
}

#[test]
fn fixed_telephones() {
    check("010-62345678", "010-******78");
    check("（010）62345678", "（010）******78");
    check("(0755) 26345678", "(0755) ******78");
    check("0571 8734 5678", "0571 **** **78");
    check("座机01062345678", "座机010******78");
    untouched("01062345678");
    untouched("0571-12345678"); // no local number begins with 1
    untouched("011-62345678");
    untouched("010-6234567");
    untouched("2024-0301");
}

#[test]
fn passports_and_permits() {
    check("护照号E12345678，", "护照号E*****678，");
    check("EA1234567", "E*****567");
    check("护照：G12345678", "护照：G*****678");
    untouched("G12345678");
    let far = |count: usize| format!("护照{}G12345678", "，".repeat(count));
    check(&far(16), &far(16).replace("G12345678", "G*****678"));
    untouched(&far(17));
    untouched("E1234567");
    untouched("E123456789");
    untouched("XE12345678");
    check("回乡证号码H1234567890", "回乡证号码H*******890");
    check("港澳通行证C12345678", "港澳通行证C*****678");
    check("台胞证12345678", "台胞证1****678");
    untouched("H12345678");
    untouched("订单12345678");
}

#[test]
fn codes_of_organisations_are_reported_and_stay() {
    let credit = |text: &str| found(PersonalData::SocialCreditCode, text);
    assert_eq!(credit("代码91110000600037341L。"), ["91110000600037341L"]);
    assert_eq!(credit("９１１１００００６０００３７３４１Ｌ"), ["９１１１００００６０００３７３４１Ｌ"]);
    assert_eq!(credit("91110000600037341M"), [""; 0]);
    assert_eq!(credit("A91110000600037341L"), [""; 0]);
    let organisation = |text: &str| found(PersonalData::OrganisationCode, text);
    assert_eq!(organisation("组织机构代码：60003734-1"), ["60003734-1"]);
    assert_eq!(organisation("组织机构代码600037341"), ["600037341"]);
    assert_eq!(organisation("60003734-1"), [""; 0]);
    assert_eq!(organisation("组织机构代码：60003734-2"), [""; 0]);
    untouched("代码91110000600037341L。");
}

#[test]
fn number_plates() {
    check("京A12345停在", "京A***45停在");
    check("车牌粤B·D12345，", "车牌粤B·****45，");
    check("沪A 8K888", "沪A ***88");
    check("粤Z1234港", "粤Z***4港");
    check("京A1234学", "京A***4学");
    check("京AF1234学车", "京A***34学车");
    untouched("京A1234");
    untouched("京ABCDEF");
    untouched("京A1234567");
    untouched("京A1O345");
    untouched("新A股");
}

#[test]
fn ip_addresses_that_lead_to_somebody() {
    check("从36.106.174.11登录", "从36.106.***.**登录");
    check("36.106.174.11:8080", "36.106.***.**:8080");
    check("IP是36.106.174.11.", "IP是36.106.***.**.");
    check("登录：36.106.174.11……", "登录：36.106.***.**……");
    check("2409:8a00:1:2::3", "2409:8a00:*:*::*");
    check("从2409:8a00:1:2::3.", "从2409:8a00:*:*::*.");
    check("2409:8a00:1:2::3.:……", "2409:8a00:*:*::*.:……");
    for text in [
        "192.168.1.1",
        "10.20.30.40",
        "172.16.0.9",
        "127.0.0.1",
        "100.64.1.1",
        "203.0.113.9",
        "8.8.8.8",
        "224.0.0.251",
        "第1.2.3.4节",
        "v36.106.174.11",
        "版本36.106.174.11",
        "36.106.174.256",
        "36.106.174.11.5",
        "36.106.174",
        "2001:db8::1",
        "fe80::1",
        "12:30:45",
        "2409:8a00:12",
        "2409:8a00:1:2::3g",
    ] {
        untouched(text);
    }
}

#[test]
fn postal_addresses() {
    let input = |text: &str, expected: &str| {
        let checked = Engine::builder().build().unwrap().check(text, Direction::Input);
        assert_eq!(checked.text.as_deref().unwrap_or(text), expected, "{text}");
    };
    input("我住在北京市朝阳区建国路88号院3号楼1201室。", "我住在北京市朝阳区***************。");
    input("地址：广东省深圳市南山区科技园南路10号", "地址：广东省深圳市南山区********");
    input("寄到杭州西湖区文三路一百二十号3单元502室吧", "寄到杭州西湖区***************吧");
    input("家住上海市浦东新区文三路29号7单元786说", "家住上海市浦东新区************说");
    for text in [
        "住在北京市朝阳区建国路100元一晚",
        "我住在北京市朝阳区。",
        "北京地铁10号线",
        "上海南京东路2号线",
        "北京2022年冬奥会",
        "住在北京的人说路88号",
        "建国路88号",
        "地址：http://example.com/路/8号",
    ] {
        input(text, text);
    }
    let text = "故宫在北京市东城区景山前街4号";
    assert_eq!(found(PersonalData::Address, text), ["市东城区景山前街4号"]);
    untouched(text);
}

#[test]
fn names_behind_words_that_announce_them() {
    let name = |text: &str| found(PersonalData::Name, text);
    assert_eq!(name("姓名：张三，"), ["张三"]);
    assert_eq!(name("我叫欧阳小明"), ["欧阳小明"]);
    assert_eq!(name("我叫张伟今年三十岁"), ["张伟"]);
    assert_eq!(name("尊敬的李小龙先生："), ["李小龙"]);
    assert_eq!(name("收件人 王芳 电话"), ["王芳"]);
    for text in [
        "张三说",
        "姓名：",
        "姓名：甲乙",
        "法定代表人：张先生",
        "姓名：白性别：男",
        "联系李先生",
        "我叫张",
        "我叫高兴得不得了",
        "黄山和李白",
    ] {
        assert_eq!(name(text), [""; 0], "{text}");
    }
    let row = PolicyRow {
        rule: Some(PersonalData::Name.rule().into()),
        measure: Action::Mask.into(),
        ..PolicyRow::default()
    };
    let engine = Engine::builder().policy(row).build().unwrap();
    assert_eq!(engine.check("姓名：张三", Direction::Output).text.unwrap(), "姓名：张*");
}
