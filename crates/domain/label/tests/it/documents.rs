//! Documents that are labelled here, read by qpdf, exiftool and LibreOffice. Where these are not installed the tests say so and
//! pass. The documents are made by LibreOffice, and one by hand for where it is missing.

use std::{fs, path::Path};

use label::{
    Conformance, ProviderCode, VisibleLabel,
    media::{self, Format, Marks},
};
use terms::ProduceId;

use crate::outside::{Folder, label_of, output};

const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>t</title>\n</head>\n<body>\n<h1>题</h1>\n<p>text</p>\n</body>\n</html>\n";
const PDF: &str = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n168\n%%EOF\n";

fn file(folder: &Folder, name: &str) -> String {
    folder.0.join(name).to_str().unwrap().to_owned()
}

/// The document in another format, by LibreOffice with a profile of this test's own.
fn converted(folder: &Folder, from: &str, to: &str, out: &str) -> Option<String> {
    let profile = format!("-env:UserInstallation=file://{}", file(folder, "profile"));
    let arguments = [&profile, "--headless", "--convert-to", to, "--outdir", &file(folder, out), from];
    output("soffice", &arguments)?;
    let name = Path::new(from).with_extension(to.split(':').next().unwrap());
    Some(file(folder, &format!("{out}/{}", name.file_name().unwrap().to_str().unwrap())))
}

/// Labels a file in its place, with a visible line where it takes one, and fills in a propagator; exiftool agrees.
fn labelled(format: Format, path: &str) {
    let mut bytes = fs::read(path).unwrap();
    assert_eq!(Format::sniff(&bytes), Some(format), "{path}");
    if media::takes_line(format) {
        let visible = VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap();
        bytes = media::add_line(format, &bytes, &visible, &ProduceId::from_u128(7)).unwrap();
    }
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    for label in [label_of(7), label_of(7).propagated(&platform, "an-id-of-the-platform")] {
        bytes = media::label(format, &bytes, &Marks { label: &label, source: None }).unwrap();
        assert_eq!(media::report(format, &bytes).hidden, Conformance::Conforming);
        fs::write(path, &bytes).unwrap();
        let Some(tags) = output("exiftool", &["-a", "-G1", path]) else { continue };
        if tags.contains("Install Archive::Zip") {
            println!("skipped: exiftool cannot read ZIP archives without Archive::Zip");
            continue;
        }
        assert!(tags.contains(&label.to_json()), "exiftool does not show the label of {path}:\n{tags}");
    }
}

#[test]
fn labelled_pdf_files_are_sound_for_qpdf_and_exiftool() {
    let folder = Folder::new("pdf");
    let plain = file(&folder, "plain.pdf");
    fs::write(&plain, PDF).unwrap();
    let mut files = vec![plain.clone()];
    for (name, arguments) in [
        ("streams.pdf", vec!["--object-streams=generate"]),
        ("linear.pdf", vec!["--linearize", "--object-streams=generate"]),
        ("tables.pdf", vec!["--linearize", "--object-streams=disable"]),
    ] {
        let out = file(&folder, name);
        let arguments = [&arguments[..], &[plain.as_str(), &out]].concat();
        if output("qpdf", &arguments).is_some() {
            files.push(out);
        }
    }
    for path in files {
        labelled(Format::Pdf, &path);
        if let Some(report) = output("qpdf", &["--check", &path]) {
            assert!(report.contains("No syntax or stream encoding errors"), "{path}: {report}");
        }
    }
    // What qpdf encrypts is refused, not spoilt.
    let locked = file(&folder, "locked.pdf");
    if output("qpdf", &["--encrypt", "user", "owner", "256", "--", &plain, &locked]).is_some() {
        let bytes = fs::read(&locked).unwrap();
        let label = label_of(7);
        assert!(media::write(Format::Pdf, &bytes, &Marks { label: &label, source: None }).is_err());
    }
}

#[test]
fn labelled_pages_are_read_by_exiftool() {
    let folder = Folder::new("html");
    let page = file(&folder, "page.html");
    fs::write(&page, PAGE).unwrap();
    labelled(Format::Html, &page);
}

#[test]
fn labelled_office_documents_open_in_libreoffice() {
    let folder = Folder::new("office");
    let source = file(&folder, "source.html");
    fs::write(&source, PAGE).unwrap();
    let (table, slides) = (file(&folder, "table.csv"), file(&folder, "slides.fodp"));
    fs::write(&table, "a,b\n1,2\n").unwrap();
    fs::write(&slides, SLIDES).unwrap();
    for (format, from, filter) in [
        (Format::Docx, &source, "docx:MS Word 2007 XML"),
        (Format::Xlsx, &table, "xlsx"),
        (Format::Pptx, &slides, "pptx"),
    ] {
        let Some(path) = converted(&folder, from, filter, "made") else { return };
        labelled(format, &path);
        let pdf = converted(&folder, &path, "pdf", "opened").unwrap();
        assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF-"), "{path} does not open");
        // What LibreOffice keeps of it when it saves it anew: the hidden label, and the line as text.
        let again = converted(&folder, &path, format.as_str(), "saved").unwrap();
        let bytes = fs::read(&again).unwrap();
        assert_eq!(media::report(format, &bytes).hidden, Conformance::Conforming, "{again}");
        if media::takes_line(format) {
            let text = media::document_text(format, &bytes).unwrap();
            let visible = VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap();
            let found = visible.find(&text).and_then(|label| label.produce_id);
            assert_eq!(found, Some(ProduceId::from_u128(7)), "{again}: {text}");
        }
    }
}

/// A presentation of one slide, as flat OpenDocument.
const SLIDES: &str = "<?xml version=\"1.0\"?><office:document xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" office:version=\"1.2\" office:mimetype=\"application/vnd.oasis.opendocument.presentation\"><office:body><office:presentation><draw:page draw:name=\"one\"><draw:frame svg:x=\"2cm\" svg:y=\"2cm\" svg:width=\"9cm\" svg:height=\"3cm\"><draw:text-box><text:p>题</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body></office:document>";
