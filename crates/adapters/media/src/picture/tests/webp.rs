use super::*;

fn webp(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(image::codecs::webp::WebPEncoder::new_lossless(&mut bytes)).unwrap();
    bytes
}

/// The same with metadata, as an extended file.
fn extended(picture: &DynamicImage, alpha: bool, orientation: u8) -> Vec<u8> {
    let plain = webp(picture);
    let [a, b, c, _] = (picture.width() - 1).to_le_bytes();
    let [d, e, f, _] = (picture.height() - 1).to_le_bytes();
    let chunk = |id: &[u8; 4], data: &[u8]| label::media::riff::chunk(*id, data).unwrap();
    let flags = 0x20 | 0x08 | 0x04 | if alpha { 0x10 } else { 0 };
    let body = [
        b"WEBP".to_vec(),
        chunk(b"VP8X", &[flags, 0, 0, 0, a, b, c, d, e, f]),
        chunk(b"ICCP", b"no profile"),
        plain[12..].to_vec(),
        chunk(b"EXIF", &exif(orientation)),
        chunk(b"XMP ", b"<x:xmpmeta/>"),
        chunk(b"OWN!", b"odd"),
    ];
    chunk(b"RIFF", &body.concat())
}

#[test]
fn pixels_outside_the_label_stay_exactly() {
    let before = noise(200, 200);
    let after = label_picture(&webp(&before), PictureFormat::WebP, &VisibleStyle::default()).unwrap();
    let after = decode(&after);
    assert!(before.pixels().filter(|(_, y, _)| *y < 150).all(|(x, y, pixel)| after.get_pixel(x, y) == pixel));
    assert_ne!(before.to_rgb8(), after.to_rgb8());
}

#[test]
fn every_chunk_but_the_pixels_stays() {
    for (picture, alpha) in
        [(flat(200, 120, 7), false), (RgbaImage::from_pixel(200, 120, Rgba([9, 9, 9, 100])).into(), true)]
    {
        let before = extended(&picture, alpha, 1);
        let after = label_picture(&before, PictureFormat::WebP, &VisibleStyle::default()).unwrap();
        let chunks = |bytes: &[u8]| {
            let form = label::media::riff::Form::read(bytes).unwrap();
            let kept = form.chunks.iter().filter(|chunk| &chunk.id != b"VP8L");
            kept.map(|chunk| bytes[chunk.whole.clone()].to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(chunks(&before), chunks(&after));
        assert_eq!(decode(&after).color().has_alpha(), alpha);
    }
}

#[test]
fn a_webp_on_its_side_is_labelled_upright() {
    let after =
        label_picture(&extended(&flat(120, 200, 0), false, 6), PictureFormat::WebP, &VisibleStyle::default());
    let mut shown = decode(&after.unwrap());
    shown.apply_orientation(Orientation::Rotate90);
    let upright =
        label_picture(&webp(&flat(200, 120, 0)), PictureFormat::WebP, &VisibleStyle::default()).unwrap();
    assert_eq!(shown.to_rgb8(), decode(&upright).to_rgb8());
}
