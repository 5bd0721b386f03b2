use super::*;
use crate::{
    Conformance, Field, Reason,
    media::{self, tests::a_label},
};

const MAIN: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
const RELATED: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";

/// A package with those parts besides the ones that each has.
fn package(more: &[(&str, &str)]) -> Vec<u8> {
    let mut parts = vec![(TYPES, MAIN), (RELATIONSHIPS, RELATED)];
    parts.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    parts.extend_from_slice(more);
    super::super::zip::archive(&parts)
}

const DOCUMENT: &str = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>文</w:t></w:r></w:p><w:sectPr/></w:body></w:document>";

/// A part of custom properties as others write it.
fn custom(properties: &str) -> String {
    format!(
        "<op:Properties xmlns:op=\"{}\" xmlns:vt=\"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes\">{properties}</op:Properties>",
        "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
    )
}

fn related_custom(kind: &str) -> String {
    RELATED.replace(
        "</Relationships>",
        &format!(
            "<Relationship Id=\"rIdAIGC1\" Type=\"{kind}\" Target=\"/docProps/own.xml\"/></Relationships>"
        ),
    )
}

pub(in super::super) fn samples(format: Format) -> Vec<Vec<u8>> {
    let other = "<op:property fmtid=\"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}\" pid=\"7\" name=\"Other\"><vt:i4>1</vt:i4></op:property>";
    let related = related_custom(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    );
    match format {
        Format::Docx => vec![
            package(&[("word/document.xml", DOCUMENT)]),
            package(&[("docProps/custom.xml", &custom(other)), ("word/document.xml", DOCUMENT)]),
            package(&[
                (RELATIONSHIPS, &related),
                ("docProps/own.xml", &custom("").replace("></op:Properties>", "/>")),
                ("word/document.xml", DOCUMENT),
            ]),
        ],
        Format::Pptx => vec![presentation("")],
        Format::Xlsx => vec![super::super::zip::archive(&[
            ("xl/workbook.xml", "<workbook/>"),
            (RELATIONSHIPS, &RELATED.replace("word/document", "xl/workbook")),
            (TYPES, MAIN),
        ])],
        _ => Vec::new(),
    }
}

/// A presentation with one slide, whose tree of shapes ends with that.
fn presentation(end_of_tree: &str) -> Vec<u8> {
    let presentation = "<p:presentation xmlns:p=\"x\" xmlns:r=\"y\"><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId7\"/></p:sldIdLst><p:sldSz cx=\"1000000\" cy=\"900000\"/></p:presentation>";
    let related = "<Relationships><Relationship Id=\"rId7\" Target=\"slides/slide1.xml\"/></Relationships>";
    let slide = format!(
        "<p:sld xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" xmlns:p=\"x\"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id=\"41\" name=\"\"/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:txBody><a:p><a:r><a:t>文</a:t></a:r></a:p></p:txBody></p:sp>{end_of_tree}</p:spTree></p:cSld></p:sld>"
    );
    package(&[
        (RELATIONSHIPS, &RELATED.replace("word/document", "ppt/presentation")),
        ("ppt/presentation.xml", presentation),
        ("ppt/_rels/presentation.xml.rels", related),
        ("ppt/slides/slide1.xml", &slide),
    ])
}

#[test]
fn the_line_of_a_presentation_is_the_last_shape_of_the_first_slide() {
    let visible = crate::VisibleLabel::new(crate::VisibleLabel::DEFAULT_TEMPLATE).unwrap();
    let id = terms::ProduceId::from_u128(7);
    for end in ["", "<p:extLst><p:ext><p:extLst/></p:ext></p:extLst>"] {
        let file = media::add_line(Format::Pptx, &presentation(end), &visible, &id).unwrap();
        let slide = part(&file, "ppt/slides/slide1.xml");
        assert!(slide.contains(&format!("</p:sp>{end}</p:spTree>")), "{slide}");
        assert!(slide.contains("<p:cNvPr id=\"42\" name=\"AIGC label\"/>"), "{slide}");
        assert!(slide.contains("<a:off x=\"0\" y=\"540000\"/><a:ext cx=\"1000000\""), "{slide}");
    }
}

#[test]
fn the_line_of_a_document_is_its_first_paragraph() {
    let visible = crate::VisibleLabel::new(crate::VisibleLabel::DEFAULT_TEMPLATE).unwrap();
    let id = terms::ProduceId::from_u128(7);
    let file = media::add_line(Format::Docx, &samples(Format::Docx)[0], &visible, &id).unwrap();
    let document = part(&file, "word/document.xml");
    assert!(
        document.contains("<w:body><w:p><w:pPr>")
            && document.ends_with(&DOCUMENT[DOCUMENT.find("<w:p>").unwrap()..])
    );
    let text = media::document_text(Format::Docx, &file).unwrap();
    assert_eq!(text, format!("{}\n文\n", visible.render(&id)));
}

fn part(bytes: &[u8], name: &str) -> String {
    let archive = Archive::read(bytes).unwrap();
    String::from_utf8(Part::read(bytes, archive.named(name).next().unwrap()).unwrap().bytes).unwrap()
}

fn labelled(file: &[u8]) -> Vec<u8> {
    media::label(Format::Docx, file, &media::tests::with(&a_label(1))).unwrap()
}

#[test]
fn a_package_without_properties_gets_part_type_and_relationship() {
    let file = labelled(&samples(Format::Docx)[0]);
    assert!(part(&file, CUSTOM).contains("pid=\"2\" name=\"AIGC\"><vt:lpwstr>{\"Label\":\"1\""));
    assert!(part(&file, TYPES).contains("<Override PartName=\"/docProps/custom.xml\""));
    assert!(part(&file, RELATIONSHIPS).contains("Id=\"rIdAIGC1\""));
    assert_eq!(part(&file, "word/document.xml"), DOCUMENT);
    // The content types stay the first entry, which some readers ask for.
    assert_eq!(Archive::read(&file).unwrap().entries[0].name, TYPES.as_bytes());
}

#[test]
fn properties_that_are_there_stay_and_lend_the_next_number() {
    let file = labelled(&samples(Format::Docx)[1]);
    let custom = part(&file, CUSTOM);
    assert!(
        custom.contains("<vt:i4>1</vt:i4></op:property><property xmlns=") && custom.contains("pid=\"8\"")
    );
}

#[test]
fn the_part_that_is_related_is_the_one_that_counts() {
    let file = labelled(&samples(Format::Docx)[2]);
    assert!(part(&file, "docProps/own.xml").contains("AIGC"));
    assert!(Archive::read(&file).unwrap().named(CUSTOM).next().is_none());
    assert!(!part(&file, RELATIONSHIPS).contains("rIdAIGC2"));
    assert!(part(&file, TYPES).contains("PartName=\"/docProps/own.xml\""));
}

#[test]
fn an_id_that_is_taken_is_not_taken_again() {
    let taken = related_custom("http://example.org/other");
    let file = labelled(&package(&[(RELATIONSHIPS, &taken), ("word/document.xml", DOCUMENT)]));
    assert!(part(&file, RELATIONSHIPS).contains("Id=\"rIdAIGC2\""));
    let strict = RELATED.replace(
        "http://schemas.openxmlformats.org/officeDocument/2006",
        "http://purl.oclc.org/ooxml/officeDocument",
    );
    let file = labelled(&package(&[(RELATIONSHIPS, &strict), ("word/document.xml", DOCUMENT)]));
    assert!(
        part(&file, RELATIONSHIPS)
            .contains("purl.oclc.org/ooxml/officeDocument/relationships/customProperties")
    );
}

#[test]
fn labels_as_others_write_them_are_read() {
    let json = a_label(1).to_json();
    let check = |properties: String, expected: Conformance| {
        let file = package(&[(CUSTOM, &custom(&properties)), ("word/document.xml", DOCUMENT)]);
        assert_eq!(media::report(Format::Docx, &file).hidden, expected, "{properties}");
        file
    };
    let property = |value: &str| format!("<op:property pid=\"2\" name=\"AIGC\">{value}</op:property>");
    check(property(&format!("\n<vt:lpwstr><![CDATA[{json}]]></vt:lpwstr>\n")), Conformance::Conforming);
    let escaped = json.replace('"', "&quot;");
    let file = check(property(&format!("<vt:lpstr>{escaped}</vt:lpstr>")), Conformance::Conforming);
    let platform = crate::ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    let passed = a_label(1).propagated(&platform, "P1");
    let passed = media::label(Format::Docx, &file, &media::tests::with(&passed)).unwrap();
    assert_eq!(media::report(Format::Docx, &passed).label.unwrap().get(Field::PropagateId), "P1");
    assert!(part(&passed, CUSTOM).contains("<vt:lpstr>{\"Label\""));

    let one = property(&format!("<vt:lpwstr>{json}</vt:lpwstr>"));
    check(one.repeat(2), Conformance::NonConforming(vec![Reason::DuplicateLabel]));
    let file = check(
        "<op:property name=\"AIGCx\"><vt:lpwstr>x</vt:lpwstr></op:property>".into(),
        Conformance::NotFound,
    );
    labelled(&file);
}

#[test]
fn what_readers_would_read_differently_takes_no_label() {
    let twice = package(&[
        ("word/document.xml", DOCUMENT),
        ("docProps/custom.xml", "<a/>"),
        ("docProps/Custom.xml", "<a/>"),
    ]);
    let label = a_label(1);
    let marks = media::tests::with(&label);
    assert!(matches!(media::write(Format::Docx, &twice, &marks), Err(WriteError::NoPlace(_))));
    let own = related_custom(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    );
    for target in ["/_rels/.rels", "/docProps/absent.xml"] {
        let related = own.replace("/docProps/own.xml", target);
        let file = package(&[(RELATIONSHIPS, &related), ("word/document.xml", DOCUMENT)]);
        assert!(matches!(media::write(Format::Docx, &file, &marks), Err(WriteError::NoPlace(_))), "{target}");
    }
    let utf16 = package(&[("word/document.xml", DOCUMENT), (CUSTOM, "\u{feff}")]);
    assert!(media::write(Format::Docx, &utf16, &marks).is_err());
    let broken = package(&[("word/document.xml", DOCUMENT), (CUSTOM, "<a")]);
    assert!(matches!(media::report(Format::Docx, &broken).hidden, Conformance::Inconclusive(_)));
}
