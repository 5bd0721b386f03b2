use terms::ProduceId;

use super::*;
use crate::{AigcLabel, Conformance, Field, ProviderCode, media};
use media::Format;

/// A writer of files: objects first, then a cross-reference of the kind that is asked for.
struct File(Vec<u8>, Vec<usize>);

impl File {
    fn new(before: &str) -> Self {
        Self(format!("{before}%PDF-1.7\n%\u{e2}\u{e3}\n").into_bytes(), vec![before.len()])
    }

    fn object(mut self, body: &[u8]) -> Self {
        let number = self.1.len();
        self.1.push(self.0.len());
        self.0.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        self.0.extend_from_slice(body);
        self.0.extend_from_slice(b"\nendobj\n");
        self
    }

    fn page(self) -> Self {
        self.object(b"<</Type/Catalog/Pages 2 0 R>>")
            .object(b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
            .object(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    }

    fn table(mut self, trailer: &str) -> Vec<u8> {
        let base = self.1[0];
        let start = self.0.len() - base;
        let rows: String = self.1[1..].iter().map(|at| format!("{:010} 00000 n \n", at - base)).collect();
        let size = self.1.len();
        let text = format!(
            "xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
        );
        self.0.extend_from_slice(text.as_bytes());
        self.0
    }

    /// With the last object as an object stream, whose first object is the next number.
    fn stream(self, trailer: &str) -> Vec<u8> {
        let container = self.1.len() - 1;
        let (within, own) = (container + 1, container + 2);
        let mut rows = vec![[0, 0, 0, 0]];
        for at in &self.1[1..] {
            let at = u16::try_from(*at).unwrap().to_be_bytes();
            rows.push([1, at[0], at[1], 0]);
        }
        rows.push([2, 0, u8::try_from(container).unwrap(), 0]);
        let at = u16::try_from(self.0.len()).unwrap().to_be_bytes();
        rows.push([1, at[0], at[1], 0]);
        let mut predicted = Vec::new();
        let mut above = [0; 4];
        for row in rows {
            predicted.push(2);
            predicted.extend(row.iter().zip(above).map(|(byte, up): (&u8, u8)| byte.wrapping_sub(up)));
            above = row;
        }
        let data = packed(&predicted);
        let start = self.0.len();
        let head = format!(
            "<</Type/XRef/Size {}/W[1 2 1]/Root 1 0 R/Info {within} 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>/Length {}{trailer}>>stream\r\n",
            own + 1,
            data.len(),
        );
        assert_eq!(within + 1, own);
        let mut file = File(self.0, vec![0; own]);
        file = file.object(&[head.as_bytes(), &data, b"\nendstream"].concat());
        file.0.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
        file.0
    }
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, data).unwrap();
    packer.finish().unwrap()
}

fn object_stream(number: usize, object: &str) -> Vec<u8> {
    let head = format!("{number} 0 ");
    let data = packed(format!("{head}{object}").as_bytes());
    let dictionary =
        format!("<</Type/ObjStm/N 1/First {}/Filter/FlateDecode/Length {}>>stream\n", head.len(), data.len());
    [dictionary.as_bytes(), &data, b"\nendstream"].concat()
}

pub(in super::super) fn samples() -> Vec<Vec<u8>> {
    let info = b"<< /Title (a \\(b\\)) /Producer <FEFF4E2D> >>";
    let id = "/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]";
    let xmp = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>";
    let metadata = format!("<</Type/Metadata/Subtype/XML/Length 4 0 R>>\nstream\n{xmp}\nendstream");
    let with_xmp = File::new("")
        .object(b"<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>")
        .object(b"<</Type/Pages/Kids[]/Count 0>>")
        .object(metadata.as_bytes())
        .object(xmp.len().to_string().as_bytes());
    vec![
        with_xmp.table(""),
        File::new("").page().table(""),
        File::new("").page().object(info).table(&format!("/Info 4 0 R{id}")),
        File::new("some mail\r\n").page().object(info).table("/Info 4 0 R"),
        File::new("").page().table("/Info<</Title(x)>>"),
        File::new("").page().object(&object_stream(5, "<</Title(y)>>")).stream(id),
    ]
}

fn a_label(number: u128) -> AigcLabel {
    AigcLabel::new(
        &ProviderCode::parse("001191110102MACQD9K64010000").unwrap(),
        &ProduceId::from_u128(number),
    )
}

fn labelled(file: &[u8]) -> Vec<u8> {
    let label = a_label(1);
    media::label(Format::Pdf, file, &Marks { label: &label, source: None }).unwrap()
}

#[test]
fn everything_that_was_there_stays_before_the_update() {
    for file in samples() {
        let once = labelled(&file);
        assert!(once.starts_with(&file));
        let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
        let passed = a_label(1).propagated(&platform, "P1");
        let twice = media::label(Format::Pdf, &once, &Marks { label: &passed, source: None }).unwrap();
        assert!(twice.starts_with(&once));
        assert_eq!(media::report(Format::Pdf, &twice).label.unwrap().get(Field::PropagateId), "P1");
    }
}

#[test]
fn the_first_half_of_the_id_and_other_keys_stay() {
    let file = labelled(&samples()[2]);
    let text = String::from_utf8_lossy(&file);
    let update = text.rsplit("%%EOF\n").nth(1).unwrap();
    assert!(update.contains("/ID[<00112233445566778899aabbccddeeff><"), "{update}");
    assert_eq!(update.matches("00112233445566778899aabbccddeeff").count(), 1);
    assert!(update.contains("/Root 1 0 R") && update.contains("/Title (a \\(b\\))"), "{update}");
}

#[test]
fn an_encrypted_file_takes_no_label() {
    let label = a_label(1);
    let marks = Marks { label: &label, source: None };
    let file = File::new("").page().object(b"<</Title(x)>>").table("/Info 4 0 R/Encrypt<</V 1>>");
    assert_eq!(media::write(Format::Pdf, &file, &marks), Err(WriteError::NoPlace("it is encrypted")));
    assert_eq!(media::report(Format::Pdf, &file).hidden, Conformance::NotFound);
    let file = File::new("").page().object(b"<</AIGC(\x01\x02)>>").table("/Info 4 0 R/Encrypt<</V 1>>");
    assert!(matches!(media::report(Format::Pdf, &file).hidden, Conformance::Inconclusive(_)));
    assert!(media::write(Format::Pdf, &file, &marks).is_err());
}

#[test]
fn labels_are_read_in_every_form_of_a_string() {
    let json = a_label(1).to_json();
    let check = |info: Vec<u8>, extra: &[u8]| {
        let file = File::new("").page().object(&info).object(extra).table("/Info 4 0 R");
        assert_eq!(media::report(Format::Pdf, &file).hidden, Conformance::Conforming);
    };
    let hex = hex::encode(&json);
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(json.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    check(format!("<</AIGC<{hex}>>>").into_bytes(), b"null");
    check(format!("<</AIGC <{}>>>", hex::encode(utf16)).into_bytes(), b"null");
    check(b"<</A#49GC 5 0 R>>".to_vec(), &syntax::string_of(&json));
}

#[test]
fn a_label_in_xmp_is_read_and_a_second_one_is_told() {
    let json = a_label(1).to_json();
    let xmp = format!(
        "<rdf:Description xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\"><TC260:AIGC>{json}</TC260:AIGC></rdf:Description>"
    );
    let metadata = format!("<</Type/Metadata/Length {}>>stream\n{xmp}\nendstream", xmp.len());
    let info = [b"<</AIGC", syntax::string_of(&json).as_slice(), b"/Producer(ChatGPT)>>"].concat();
    let file = |trailer: &str| {
        File::new("")
            .object(b"<</Type/Catalog/Metadata 2 0 R>>")
            .object(metadata.as_bytes())
            .object(&info)
            .table(trailer)
    };
    assert_eq!(media::report(Format::Pdf, &file("")).hidden, Conformance::Conforming);
    let label = a_label(1);
    let marks = Marks { label: &label, source: None };
    assert!(matches!(media::write(Format::Pdf, &file(""), &marks), Err(WriteError::NoPlace(_))));
    let report = media::report(Format::Pdf, &file("/Info 3 0 R"));
    assert_eq!(report.hidden.reasons(), [crate::Reason::DuplicateLabel]);
    assert_eq!(report.hints.len(), 1, "{:?}", report.hints);
}

#[test]
fn a_second_label_in_the_dictionary_is_told() {
    let value = syntax::string_of(&a_label(1).to_json());
    let info = [b"<</AIGC", value.as_slice(), b"/AIGC", &value, b">>"].concat();
    let file = File::new("").page().object(&info).table("/Info 4 0 R");
    let report = media::report(Format::Pdf, &file);
    assert_eq!(report.hidden.reasons(), [crate::Reason::DuplicateLabel]);
}

#[test]
fn a_cross_reference_that_leads_back_or_astray_is_broken() {
    let file = File::new("").page().table("/Prev 0");
    assert!(matches!(read(&file), Err(Broken::Malformed { .. })));
    let start = String::from_utf8_lossy(&file).rfind("xref\n0").unwrap();
    let circular = File::new("").page().table(&format!("/Prev {start:}"));
    let circular_start = memchr::memmem::rfind(&circular, b"xref\n0").unwrap();
    assert_eq!(circular_start - "%PDF-1.7\n".len(), start - "%PDF-1.7\n".len());
    assert!(matches!(read(&circular), Err(Broken::Malformed { .. })));
}
