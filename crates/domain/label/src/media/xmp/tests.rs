//! Tests of XMP packets.

use super::*;
use crate::{AigcLabel, media::tests::a_label};

/// A packet of an editor, with padding; nothing in it says that a model had a part in it.
pub(in super::super) fn sample() -> String {
    format!(
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='XMP Core 6.0.0'>\n\
         <rdf:RDF xmlns:rdf='{RDF_SPACE}'>\n <rdf:Description rdf:about='uuid:1' xmlns:xmp='http://ns.adobe.com/xap/1.0/'\n  \
         xmp:CreatorTool='Adobe Photoshop 26.0 (Windows)'><xmp:Rating>5</xmp:Rating></rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n\
         {}<?xpacket end='w'?>",
        " ".repeat(100)
    )
}

fn put(packet: &str, label: &AigcLabel, source: Option<DigitalSource>) -> Result<String, WriteError> {
    let marks = Marks { label, source };
    let edits = Packet::read(packet.as_bytes(), 0)?.put(packet.as_bytes(), &marks)?;
    Ok(String::from_utf8(edits.apply(packet.as_bytes())).unwrap())
}

fn labels(packet: &str) -> Vec<String> {
    Packet::read(packet.as_bytes(), 0).unwrap().labels
}

/// A packet with that in its description, and with that beside its attributes.
fn around(attributes: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"??><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"{RDF_SPACE}\"><rdf:Description rdf:about=\"\" {attributes}>{content}</rdf:Description></rdf:RDF>\
         </x:xmpmeta><?xpacket end=\"w\"?>"
    )
}

const SPACE: &str = "xmlns:TC260=\"http://www.tc260.org.cn/ns/AIGC/1.0/\"";
const TERM: DigitalSource = DigitalSource::TrainedAlgorithmicMedia;

#[test]
fn a_label_is_read_in_every_form() {
    let json = a_label(7).to_json();
    let escaped = json.replace('"', "&quot;");
    let numbered = json.replace('"', "&#x22;");
    let element = |name: &str, inner: &str| format!("<{name}>{inner}</{name}>");
    let check = |attributes: &str, content: &str| {
        let found = labels(&around(attributes, content));
        assert_eq!(found, [json.as_str()], "{attributes} {content}");
    };
    check(SPACE, &element("TC260:AIGC", &json));
    check(SPACE, &element("TC260:AIGC", &escaped));
    check(SPACE, &element("TC260:AIGC", &numbered));
    check(SPACE, &element("TC260:AIGC", &format!("<![CDATA[{json}]]>")));
    check(&format!("{SPACE} TC260:AIGC=\"{escaped}\""), "");
    check(&format!("{SPACE} TC260:AIGC='{json}'"), "");
    // Another prefix for the namespace, and a usual one for none.
    check(&SPACE.replace("TC260=", "ns1="), &element("ns1:AIGC", &json));
    check("", &element("C260:AIGC", &json));
    check("", &element("tc260:AIGC", &json));
    // As the only item of a list.
    let list = format!("<rdf:Seq><rdf:li>{escaped}</rdf:li></rdf:Seq>");
    check(SPACE, &element("TC260:AIGC", &list));
    assert_eq!(labels(&around("", &element("ex:AIGC", &json))), [""; 0]);
    let twice = around(&format!("{SPACE} TC260:AIGC='{json}'"), &element("TC260:AIGC", &json));
    assert_eq!(labels(&twice), [json.as_str(); 2]);
}

#[test]
fn what_others_wrote_stays_byte_for_byte() {
    let label = a_label(7);
    for packet in [sample(), around("", ""), around("xmlns:dc='x' dc:format='y'", "<dc:a>1</dc:a>")] {
        let marks = Marks { label: &label, source: Some(TERM) };
        let edits = Packet::read(packet.as_bytes(), 0).unwrap().put(packet.as_bytes(), &marks).unwrap();
        for edit in edits.as_slice() {
            assert!(packet[edit.range.clone()].trim().is_empty(), "{edit:?}");
        }
        let new = put(&packet, &label, Some(TERM)).unwrap();
        assert_eq!(labels(&new), [label.to_json()]);
        assert_eq!(Packet::read(new.as_bytes(), 0).unwrap().hints.len(), 1);
        // Everything is there already.
        assert_eq!(put(&new, &label, Some(TERM)).unwrap(), new);
        assert!(new.contains(if packet.contains("uuid:1") {
            "about='uuid:1' xmlns:TC260"
        } else {
            "about=\"\""
        }));
    }
}

#[test]
fn padding_is_used_up_before_a_packet_grows() {
    let packet = sample().replace(&" ".repeat(100), &" ".repeat(2000));
    let new = put(&packet, &a_label(7), Some(TERM)).unwrap();
    assert_eq!(new.len(), packet.len());
    assert!(new.ends_with("  <?xpacket end='w'?>"));
    assert!(put(&sample(), &a_label(7), Some(TERM)).unwrap().len() > sample().len());
}

#[test]
fn a_label_is_replaced_where_it_stands() {
    let old = a_label(7);
    let new = a_label(7).with_reserved_code1("\"'<&>\\");
    for packet in [
        around(SPACE, &format!("<TC260:AIGC>{}</TC260:AIGC>", old.to_json().replace('"', "&quot;"))),
        around(SPACE, &format!("<TC260:AIGC><![CDATA[{}]]></TC260:AIGC>", old.to_json())),
        around(&format!("{SPACE} TC260:AIGC='{}'", old.to_json()), "<a/>"),
        around(&format!("{SPACE} TC260:AIGC=\"{}\"", old.to_json().replace('"', "&quot;")), ""),
    ] {
        let replaced = put(&packet, &new, None).unwrap();
        assert_eq!(labels(&replaced), [new.to_json()], "{replaced}");
        assert!(packet.contains("CDATA") || put(&packet, &old, None).unwrap() == packet);
    }
}

#[test]
fn a_digital_source_that_is_there_stays() {
    let capture = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture";
    let element = format!("<Iptc4xmpExt:DigitalSourceType>{capture}</Iptc4xmpExt:DigitalSourceType>");
    let packet = around("xmlns:Iptc4xmpExt='x'", &element);
    let new = put(&packet, &a_label(7), Some(TERM)).unwrap();
    assert_eq!(new.matches("DigitalSourceType").count(), packet.matches("DigitalSourceType").count());
    assert_eq!(Packet::read(new.as_bytes(), 0).unwrap().hints, []);
}

#[test]
fn what_is_no_rdf_takes_no_label_and_an_empty_one_does() {
    let new = put(&format!("<r:RDF xmlns:r='{RDF_SPACE}'/>"), &a_label(7), Some(TERM)).unwrap();
    assert_eq!(labels(&new), [a_label(7).to_json()]);
    assert!(new.ends_with("</r:Description></r:RDF>"), "{new}");
    for packet in ["", "<x:xmpmeta/>", "<rdf:RDF>", "<rdf:RDF><TC260:AIGC/></rdf:RDF>"] {
        assert!(matches!(put(packet, &a_label(7), None), Err(WriteError::NoPlace(_))), "{packet}");
    }
    assert!(matches!(put("<rdf:RDF><TC260:AIGC>", &a_label(7), None), Err(WriteError::Broken(_))));
}

#[test]
fn hints_of_other_makers_are_read() {
    let check = |attributes: &str, content: &str, kinds: &[HintKind]| {
        let packet = Packet::read(around(attributes, content).as_bytes(), 0).unwrap();
        assert_eq!(packet.hints.iter().map(|hint| hint.kind).collect::<Vec<_>>(), kinds, "{content}");
        assert_eq!(packet.labels, [""; 0]);
    };
    let uri = TERM.uri();
    let source = [HintKind::DigitalSource];
    check("", &format!("<a:DigitalSourceType>{uri}</a:DigitalSourceType>"), &source);
    check("", &format!("<a:DigitalSourceType rdf:resource='{uri}'/>"), &source);
    check("a:DigitalSourceType='compositeWithTrainedAlgorithmicMedia'", "", &source);
    check("a:DigitalSourceType='digitalCapture'", "", &[]);
    check("xmp:CreatorTool='Adobe Firefly'", "", &[HintKind::Generator]);
    check("photoshop:Credit='Made with Google AI'", "", &[HintKind::Generator]);
    check(
        "",
        "<e:AISystemUsed>X</e:AISystemUsed><e:AIPromptInformation>a cat</e:AIPromptInformation>",
        &[HintKind::Generator, HintKind::Settings],
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the shared vectors where they are")]
fn packets_of_real_files_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/vectors/aigc/labels.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let packet = vectors["png_itxt_xmp"].as_str().unwrap();
    let [found] = &labels(packet)[..] else { panic!("{packet}") };
    let label = AigcLabel::parse(found).unwrap();
    assert_eq!(label.conformance(), crate::Conformance::Conforming);
    let platform = crate::ProviderCode::parse("00119144030008867405X220001").unwrap();
    let passed = label.propagated(&platform, "p-1");
    let new = put(packet, &passed, None).unwrap();
    assert_eq!(labels(&new), [passed.to_json()]);
    assert!(new.starts_with(&packet[..packet.find("<TC260:AIGC>").unwrap()]));
}
