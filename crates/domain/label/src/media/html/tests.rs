use crate::{
    Conformance,
    media::{self, Format, tests::a_label},
};

pub(in super::super) fn samples() -> Vec<Vec<u8>> {
    [
        "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>a</title></head><body><p>文</p></body></html>",
        "<!doctype html><title>x</title><p>1 < 2 <script>if (a</head>) '<meta name=AIGC content=x>'</script>",
        "\u{feff}<?xml version=\"1.0\"?><!-- <html> --><HTML><BODY>x</BODY></HTML>",
        "<!DOCTYPE html>",
    ]
    .map(|html| html.as_bytes().to_vec())
    .to_vec()
}

fn labelled(html: &str) -> String {
    let label = a_label(1);
    String::from_utf8(media::label(Format::Html, html.as_bytes(), &media::tests::with(&label)).unwrap())
        .unwrap()
}

#[test]
fn the_label_stands_where_a_head_ends() {
    let check = |html: &str| {
        let at = html.find('|').unwrap();
        let html = html.replace('|', "");
        assert_eq!(labelled(&html).find("<meta name=\"AIGC\""), Some(at), "{html}");
    };
    check("<!doctype html><html><head><meta charset=gbk><title></head></title>|</head><body></head>");
    check("<!doctype html><meta charset=gbk><title>x</title>|<p><meta name=x>");
    check("<html><head>|<body>");
    check("<html a='>'>|x");
    check("<!doctype html>|x");
}

#[test]
fn a_line_stands_where_the_body_begins() {
    let visible = crate::VisibleLabel::new(crate::VisibleLabel::DEFAULT_TEMPLATE).unwrap();
    let id = terms::ProduceId::from_u128(7);
    let check = |html: &str| {
        let at = html.find('|').unwrap();
        let html = html.replace('|', "");
        let labelled = media::add_line(Format::Html, html.as_bytes(), &visible, &id).unwrap();
        assert_eq!(memchr::memmem::find(&labelled, b"<p role=\"note\""), Some(at), "{html}");
    };
    check("<!doctype html><html><head></head><body class=x>|<p>a");
    check("<html><head><title>x</title></head>|a");
    check("<!doctype html><title>x</title>|<p>a");
}

#[test]
fn labels_are_read_however_they_are_spelt() {
    let json = a_label(1).to_json();
    let quoted = json.replace('"', "&quot;");
    let check = |head: String, expected: &str| {
        let html = format!("<html><head>{head}</head>");
        assert_eq!(media::report(Format::Html, html.as_bytes()).hidden.as_str(), expected, "{head}");
        html
    };
    let html = check(format!("<META Content='{json}' NAME=aigc>"), "conforming");
    check(format!("<meta content={quoted} property = \"TC260:AIGC\" />"), "conforming");
    check(format!("<!-- <meta name=AIGC content='{json}'> -->"), "not_found");
    check(format!("<script><meta name=AIGC content='{json}'></SCRIPT><meta name=AIGC"), "not_found");
    check(format!("<meta name=AIGC content='{json}'>").repeat(2), "non_conforming");
    check("<meta name=AIGC content=yes>".to_owned(), "non_conforming");

    let platform = crate::ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    let passed = a_label(1).propagated(&platform, "P1");
    let passed = media::label(Format::Html, html.as_bytes(), &media::tests::with(&passed)).unwrap();
    assert!(String::from_utf8(passed).unwrap().contains("<META Content=\"{&quot;"));
}

#[test]
fn what_is_written_is_ascii() {
    let label =
        crate::AigcLabel::parse("{\"Label\":\"1\",\"ContentProducer\":\"某公司\",\"ProduceID\":\"1\"}")
            .unwrap();
    let html = media::label(Format::Html, b"<html>", &media::tests::with(&label)).unwrap();
    assert!(html.is_ascii());
    assert!(matches!(media::report(Format::Html, &html).hidden, Conformance::NonConforming(_)));
}
