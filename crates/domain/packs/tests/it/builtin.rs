//! The built-in `cn` pack keeps what the crate promises.

use std::{collections::BTreeSet, path::Path};

use packs::{
    Control, ControlStatus, Limit, ObligationState, Pack, Severity, Unit, Verification, embedded_cn,
};
use terms::Locale;

fn cn() -> Pack {
    Pack::load(embedded_cn()).unwrap()
}

#[test]
fn every_file_of_the_folder_is_embedded_and_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/cn");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "spec" {
                    folders.push(path);
                }
            } else if !name.ends_with(".md") {
                found.insert(name);
            }
        }
    }
    let embedded: BTreeSet<String> = embedded_cn().iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, embedded, "name each file in pack.yaml and in crates/domain/packs/src/embedded.rs");
    assert_eq!(cn().manifest().files.len() + 1, embedded.len());
}

#[test]
fn every_row_is_complete_and_unread_rows_are_hints() {
    let pack = cn();
    assert!(pack.obligation_count() >= 110, "{} rows", pack.obligation_count());
    for row in pack.obligations() {
        for locale in Locale::ALL {
            assert!(!row.duty.get(locale).is_empty(), "{}", row.id);
        }
        assert!(row.duty.zh_cn.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}", row.id);
        assert!(row.duty.en.is_ascii(), "{}: {}", row.id, row.duty.en);
        if row.verification == Verification::Memory {
            assert_eq!(row.severity, Severity::Hint, "{}", row.id);
        }
    }
}

#[test]
fn sections_of_the_law_are_there_row_by_row() {
    let pack = cn();
    let count = |instrument: &str| pack.obligations().filter(|row| row.instrument.id == instrument).count();
    assert_eq!(count("cn.genai"), 27);
    assert_eq!(count("cn.ds"), 22);
    assert_eq!(count("cn.lab"), 20);
    assert_eq!(pack.obligation("cn.lab.9").unwrap().article, "9");
    assert_eq!(pack.obligation("cn.ds.9").unwrap().verification, Verification::Memory);
    assert_eq!(pack.obligation("cn.genai.22").unwrap().severity, Severity::Error);
}

#[test]
fn limits_come_in_words_of_both_languages() {
    let pack = cn();
    let limit = pack.limit("case.appeal.answer_limit").unwrap();
    assert_eq!(limit, Limit { amount: 7, unit: Unit::WorkingDays });
    assert_eq!(limit.words(Locale::En), "7 working days");
    assert_eq!(limit.words(Locale::ZhCn), "7 个工作日");
    assert_eq!(pack.limit("case.report.answer_limit").unwrap().amount, 3);
    assert_eq!(pack.parameter::<std::time::Duration>("penalty.strike_window").unwrap().as_secs(), 60);
    assert!(pack.parameter::<bool>("retention.log").is_err());
    assert_eq!(pack.parameter::<Vec<String>>("label.text.ai_words").unwrap(), ["人工智能", "AI"]);
    assert!(pack.parameter_is_unchecked("retention.log"));
    assert!(!pack.parameter_is_unchecked("retention.unlabelled_delivery"));
    assert!(!pack.parameter_is_unchecked("case.appeal.answer_limit"), "a promise needs no law to be true");
}

#[test]
fn a_promise_moves_freely_and_a_legal_floor_only_up() {
    let pack = cn();
    let longer = pack.clone().with_number("case.appeal.answer_limit", 10).unwrap();
    assert_eq!(longer.limit("case.appeal.answer_limit").unwrap().amount, 10);
    assert_eq!(longer.hash(), pack.hash());
    assert_eq!(
        pack.clone().with_number("retention.log", 365).unwrap().parameter::<u64>("retention.log"),
        Ok(365)
    );
    let refused = pack.with_number("retention.log", 30).unwrap_err().to_string();
    assert_eq!(
        refused,
        "parameter `retention.log` may not be set to 30: it may only be raised (183 in the pack, for `cn.ds.10.2`)"
    );
}

#[test]
fn the_visible_label_names_ai_and_generation_in_every_language() {
    let pack = cn();
    for locale in Locale::ALL {
        let label = pack.text_with("label.text.visible", locale, &[("produce_id", "X")]).unwrap();
        assert_eq!(label, "（本内容由人工智能生成 AI-generated · X）");
        let notice = pack.text("notice.ai.persistent", locale).unwrap();
        assert!(notice.contains("人工智能生成") || notice.contains("AI-generated"), "{notice}");
    }
}

#[test]
fn every_shipped_category_has_a_name_reasons_and_grounds() {
    let pack = cn();
    let codes = "pornography gambling fraud weapons-trade drugs abuse advertising-law discrimination sexual-content violence jailbreak label-removal self-harm privacy-request personal-data secrets test hold-limit operator penalty";
    for code in codes.split(' ') {
        for locale in Locale::ALL {
            assert!(pack.text(&format!("category.{code}"), locale).is_some(), "{code}");
            assert!(pack.text(&format!("statement.{code}"), locale).is_some(), "{code}");
            assert!(!pack.law_references(&format!("statement.{code}"), locale).is_empty(), "{code}");
        }
    }
    let grounds = pack.law_references("statement.fraud", Locale::En);
    assert_eq!(grounds[0].id, "cn.genai.4.1");
    assert_eq!(grounds[0].article, "4(1)");
    assert!(grounds[0].title.starts_with("Interim Measures"));
}

#[test]
fn a_chinese_text_cites_articles_as_chinese_texts_do() {
    let pack = cn();
    for text in pack.texts() {
        for id in &text.relies_on {
            let row = pack.obligation(id).unwrap();
            assert!(!row.article_in(Locale::ZhCn).is_empty(), "{id}");
            let of_a_law = ["cn.genai", "cn.ds", "cn.lab", "cn.ar"].contains(&row.instrument.id.as_str());
            assert!(!of_a_law || row.article_in(Locale::ZhCn).starts_with('第'), "{id}");
        }
    }
    let grounds = pack.law_references("statement.fraud", Locale::ZhCn);
    assert_eq!(grounds[0].article, "第四条第（一）项");
}

/// What is only a word list must not pass for a duty done.
#[test]
fn no_row_is_covered_by_less_than_it_asks() {
    let pack = cn();
    for id in ["cn.ds.6", "cn.ds.17.2", "cn.lab.11", "gbt.kw", "gbt.mod.input"] {
        assert_eq!(pack.obligation(id).unwrap().state(), ObligationState::Partly, "{id}");
    }
}

#[test]
fn the_agreement_fills_from_the_running_configuration() {
    let pack = cn();
    let text = pack.texts().find(|text| text.id == "agreement.service").unwrap();
    let values: Vec<(&str, &str)> =
        text.placeholders.iter().map(|name| (name.as_str(), "⟨filled⟩")).collect();
    for locale in Locale::ALL {
        let agreement = pack.text_with("agreement.service", locale, &values).unwrap();
        assert!(!agreement.contains('{') && agreement.contains("⟨filled⟩"));
        assert_eq!(agreement.matches("## ").count(), 8);
    }
    let incomplete = pack.text_with("agreement.service", Locale::En, &[("contact", "a@example.org")]);
    assert!(incomplete.unwrap_err().to_string().contains("needs a value for `provider_name`"));
}

#[test]
fn calendars_know_shifted_days_and_say_how_sure_they_are() {
    let pack = cn();
    let year = pack.calendars().iter().find(|calendar| calendar.year == 2026).unwrap();
    assert_eq!(year.verification, Verification::Memory);
    assert!(year.is_worked("2026-02-14".parse().unwrap()), "a Saturday that is worked");
    assert!(!year.is_worked("2026-02-17".parse().unwrap()), "a Tuesday in the Spring Festival");
    assert!(year.is_worked("2026-11-23".parse().unwrap()), "a plain Monday");
}

#[test]
fn status_tells_what_this_version_covers() {
    let pack = cn();
    let status = pack.status("2026-11-23".parse().unwrap());
    assert_eq!(status.rows.len(), pack.obligation_count());
    let first: Vec<_> = status.rows.iter().take(3).map(|row| row.obligation.id.as_str()).collect();
    assert_eq!(first, ["cn.genai.2", "cn.genai.2.2", "cn.genai.3"], "in the order of the law");
    assert_eq!(status.covered + status.partly + status.planned + status.no_control, status.rows.len());
    assert_eq!(pack.obligation("cn.genai.15").unwrap().state(), ObligationState::Covered);
    assert_eq!(pack.obligation("cn.genai.7").unwrap().state(), ObligationState::Planned);
    assert_eq!(pack.obligation("cn.genai.3").unwrap().state(), ObligationState::NoControl);
    let before = pack.status("2022-12-31".parse().unwrap());
    assert!(before.covered < status.covered, "rows that are not yet in force are not counted");

    let explained = pack.explain("cn.genai.14.2").unwrap();
    assert!(explained.controls.contains(&(Control::PenaltySuspend, ControlStatus::Implemented)));
    assert!(explained.parameters.iter().any(|parameter| parameter.id == "retention.decision"));
    assert!(explained.texts.iter().any(|text| text.id == "refusal.penalty"));
    assert!(pack.explain("cn.nothing").is_none());
}

#[test]
fn control_names_are_one_to_one() {
    for control in Control::ALL {
        assert_eq!(control.as_str().parse::<Control>().unwrap(), *control);
    }
    let used: BTreeSet<_> = cn().obligations().flat_map(|row| row.control.clone()).collect();
    let idle: Vec<_> = Control::ALL.iter().filter(|control| !used.contains(control)).collect();
    assert!(idle.is_empty(), "controls that no duty asks for: {idle:?}");
}
