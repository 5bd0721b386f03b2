//! Runs the specifications of `packs/cn/spec/safety-*.md`: prose, an example in a fence, the verdicts it must get.
//!
//! A verdict line is `- input: ACTION · `rule` `span` · … → `what leaves``; the arrow may be left out where the text
//! leaves as it is.

use safety::{Action, Engine, Status};
use terms::Direction;

use crate::{pack, shipped};

struct Expected {
    direction: Direction,
    action: Action,
    findings: Vec<(String, String)>,
    released: String,
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn expected(line: &str, example: &str) -> Option<Expected> {
    let (direction, rest) = [("- input: ", Direction::Input), ("- output: ", Direction::Output)]
        .into_iter()
        .find_map(|(head, direction)| Some((direction, line.strip_prefix(head)?)))?;
    let (said, released) = match rest.split_once(" → ") {
        Some((said, released)) => (said, quoted(released).concat()),
        None => (rest, example.to_owned()),
    };
    let word = said.split_whitespace().next()?;
    let action = Action::from_word(word).unwrap_or_else(|| panic!("unknown action in: {line}"));
    let mut findings: Vec<(String, String)> =
        quoted(said).chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    findings.sort();
    Some(Expected { direction, action, findings, released })
}

/// Runs one example whole, and in pieces of 1 to 5 characters.
fn run(engine: &Engine, example: &str, expected: &Expected, place: &str) {
    let chars: Vec<char> = example.chars().collect();
    for size in [chars.len(), 1, 2, 3, 5] {
        let mut stream = engine.stream(expected.direction);
        let mut released = String::new();
        for chunk in chars.chunks(size) {
            let status = stream.push(&chunk.iter().collect::<String>(), &mut released);
            assert!(status == Status::Open || expected.action == Action::Block, "{place}");
        }
        let verdict = stream.finish(&mut released);
        let mut findings: Vec<(String, String)> =
            verdict.findings.iter().map(|f| (f.rule.clone(), example[f.start..f.end].to_owned())).collect();
        findings.sort();
        assert_eq!((verdict.action, &findings), (expected.action, &expected.findings), "{place}");
        assert_eq!(released, expected.released, "{place}");
    }
}

#[test]
fn every_specified_example_gets_its_verdict() {
    let mut count = 0;
    for file in std::fs::read_dir(pack().join("spec")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("safety-") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut example = String::new();
        let mut in_fence = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                in_fence = !in_fence;
                if in_fence {
                    example.clear();
                }
            } else if in_fence {
                if !example.is_empty() {
                    example.push('\n');
                }
                example.push_str(line);
            } else if let Some(expected) = expected(line, &example) {
                run(&shipped(), &example, &expected, &format!("{name}:{}", number + 1));
                count += 1;
            }
        }
        assert!(!in_fence, "{name}: a fence stays open");
    }
    assert!(count >= 20, "only {count} examples were found");
}
