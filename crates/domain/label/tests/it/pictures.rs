//! Pictures that ffmpeg and heif-enc made, labelled here, read by exiftool and decoded as before. Where these are not
//! installed the tests say so and pass.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use label::{
    Conformance, ProviderCode,
    media::{self, DigitalSource, Format, Marks},
};

use crate::outside::{Folder, frames, label_of, made, output};

const PICTURE: [&str; 6] = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=4", "-frames:v", "1"];
const ANIMATION: [&str; 4] = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=4"];
const SOURCE: DigitalSource = DigitalSource::TrainedAlgorithmicMedia;

/// The tags that exiftool shows, but for those of the file's name, size and times.
fn tags(path: &Path) -> Option<BTreeSet<String>> {
    let arguments = ["-a", "-G1", "-s", "--System:all", "--File:all", "--Composite:all", "-ExifTool:Error"];
    let shown = output("exiftool", &[&arguments[..], &["-all", path.to_str().unwrap()]].concat())?;
    // What follows from the place of other tags.
    let moves = |line: &str| line.contains("ExifToolVersion") || line.contains("MediaDataOffset");
    Some(
        shown
            .lines()
            .filter(|line| !moves(line) && !line.contains("MediaDataSize"))
            .map(str::to_owned)
            .collect(),
    )
}

/// Labels a picture in its place, and a second time as one who passes it on. After each, exiftool shows the label, the
/// source, and all that it showed before, and the picture decodes as before.
fn check(format: Format, path: &Path) {
    let (before, decoded) = (tags(path), frames(path));
    let mut bytes = fs::read(path).unwrap();
    assert_eq!(Format::sniff(&bytes), Some(format));
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    for label in [label_of(7), label_of(7).propagated(&platform, "an-id-of-the-platform")] {
        bytes = media::label(format, &bytes, &Marks { label: &label, source: Some(SOURCE) }).unwrap();
        assert_eq!(media::report(format, &bytes).hidden, Conformance::Conforming);
        fs::write(path, &bytes).unwrap();
        let (Some(before), Some(after)) = (&before, tags(path)) else { continue };
        let shown = |group: &str, value: &str| {
            after.iter().any(|line| line.starts_with(group) && line.ends_with(&format!(": {value}")))
        };
        assert!(shown("[XMP-TC260]", &label.to_json()), "{}: {after:#?}", path.display());
        let is_source = |line: &String| line.contains("DigitalSourceType");
        assert!(after.iter().any(is_source), "{}: {after:#?}", path.display());
        let lost: Vec<_> = before.difference(&after).filter(|line| !line.contains("AIGC")).collect();
        assert!(lost.is_empty(), "{} lost {lost:?}", path.display());
        assert!(!after.iter().any(|line| line.contains("] Error")), "{}: {after:#?}", path.display());
        assert_eq!(frames(path), decoded, "{} decodes otherwise", path.display());
    }
}

/// Puts EXIF and XMP of an editor into a picture; whether exiftool could.
fn edited(path: &Path) -> Option<()> {
    let fields = ["-EXIF:Artist=Somebody", "-XMP-dc:Title=A title", "-XMP-xmp:CreatorTool=An editor"];
    let options = ["-q", "-overwrite_original"];
    output("exiftool", &[&options[..], &fields, &[path.to_str().unwrap()]].concat()).map(|_| ())
}

/// The picture as ffmpeg makes it, and the same with what an editor adds.
fn check_made(folder: &Folder, name: &str, format: Format, arguments: &[&str]) -> Option<()> {
    let path = made(folder, name, arguments)?;
    let copy: PathBuf = folder.0.join(format!("edited-{name}"));
    fs::copy(&path, &copy).unwrap();
    check(format, &path);
    edited(&copy)?;
    check(format, &copy);
    Some(())
}

#[test]
fn pictures_are_read_by_exiftool_and_decode_as_before() {
    let folder = Folder::new("pictures");
    let encoded = |arguments: &[&'static str]| [&PICTURE[..], arguments].concat();
    for (name, format, arguments) in [
        ("a.jpg", Format::Jpeg, encoded(&["-q:v", "2"])),
        ("a.png", Format::Png, encoded(&[])),
        ("a.tif", Format::Tiff, encoded(&[])),
        ("lossy.webp", Format::Webp, encoded(&["-c:v", "libwebp"])),
        ("lossless.webp", Format::Webp, encoded(&["-c:v", "libwebp", "-lossless", "1"])),
        ("a.gif", Format::Gif, ANIMATION.to_vec()),
    ] {
        if check_made(&folder, name, format, &arguments).is_none() {
            return;
        }
    }
}

#[test]
fn avif_is_read_by_exiftool() {
    let folder = Folder::new("avif");
    let arguments = [&PICTURE[..], &["-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "8"]].concat();
    let _ = check_made(&folder, "a.avif", Format::Avif, &arguments);
}

#[test]
fn heic_is_read_by_exiftool_and_heif_convert() {
    let folder = Folder::new("heic");
    let Some(png) = made(&folder, "a.png", &PICTURE) else { return };
    let path = folder.0.join("a.heic");
    let (png, heic) = (png.to_str().unwrap(), path.to_str().unwrap());
    if output("heif-enc", &[png, "-o", heic]).is_none() {
        return;
    }
    let decoded = folder.0.join("decoded.png");
    let convert = || {
        output("heif-convert", &[heic, decoded.to_str().unwrap()])?;
        frames(&decoded)
    };
    let before = convert();
    for edit in [false, true] {
        if edit && edited(&path).is_none() {
            return;
        }
        let label = label_of(7);
        let bytes = fs::read(&path).unwrap();
        let marks = Marks { label: &label, source: Some(SOURCE) };
        let labelled = media::label(Format::Heic, &bytes, &marks).unwrap();
        fs::write(&path, &labelled).unwrap();
        if let Some(shown) = tags(&path) {
            assert!(shown.iter().any(|line| line.ends_with(&label.to_json())), "{shown:#?}");
        }
        assert!(convert() == before, "the picture decodes otherwise");
        // What libheif read of the label it wrote into the PNG.
        if let Ok(png) = fs::read(&decoded) {
            assert_eq!(media::report(Format::Png, &png).label.unwrap().to_json(), label.to_json());
        }
        fs::write(&path, &bytes).unwrap();
    }
}
