//! Every page, in every sample state, in both languages.

use std::collections::HashSet;

use portal::pages::render_samples;
use terms::Locale;

use crate::html::{attribute, has, tags};

fn each_page(check: impl Fn(&str, Locale, &str)) {
    for locale in Locale::ALL {
        for (name, html) in render_samples(locale).unwrap() {
            check(&format!("{name} in {locale}"), locale, &html);
        }
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_its_language() {
    each_page(|name, locale, html| {
        assert_eq!(html.matches("<h1").count(), 1, "{name}: h1");
        assert_eq!(html.matches("<main").count(), 1, "{name}: main");
        assert!(html.contains(&format!("<html lang=\"{locale}\">")), "{name}: language");
        assert!(html.contains("<title>") && !html.contains("<title> ·"), "{name}: title");
    });
}

#[test]
fn no_text_is_missing() {
    each_page(|name, _, html| {
        let missing: Vec<&str> = html.split('⟦').skip(1).filter_map(|rest| rest.split('⟧').next()).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    });
}

#[test]
fn headings_do_not_skip_a_level() {
    each_page(|name, _, html| {
        let levels: Vec<u32> = tags(html)
            .into_iter()
            .filter_map(|(tag, _)| tag.strip_prefix('h').and_then(|level| level.parse().ok()))
            .collect();
        let mut before = 0;
        for level in levels {
            assert!(level <= before + 1, "{name}: h{level} after h{before}");
            before = level;
        }
    });
}

#[test]
fn every_field_has_a_label() {
    each_page(|name, _, html| {
        let tags = tags(html);
        let labelled: HashSet<String> = tags
            .iter()
            .filter(|(tag, _)| tag == "label")
            .filter_map(|(_, text)| attribute(text, "for"))
            .collect();
        for (tag, text) in &tags {
            let is_field = matches!(tag.as_str(), "input" | "textarea" | "select");
            if !is_field || attribute(text, "type").as_deref() == Some("hidden") {
                continue;
            }
            let id = attribute(text, "id").unwrap_or_else(|| panic!("{name}: a field without id: {text}"));
            assert!(labelled.contains(&id), "{name}: `{id}` has no label");
        }
    });
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    each_page(|name, _, html| {
        let tags = tags(html);
        let mut ids = HashSet::new();
        for (_, text) in &tags {
            if let Some(id) = attribute(text, "id") {
                assert!(ids.insert(id.clone()), "{name}: id `{id}` twice");
            }
        }
        for (_, text) in &tags {
            for reference in ["aria-describedby", "aria-labelledby", "for", "data-copy"] {
                for id in attribute(text, reference).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {reference} leads to `{id}`, which is not there");
                }
            }
        }
    });
}

#[test]
fn nothing_needs_a_looser_policy() {
    each_page(|name, _, html| {
        for (tag, text) in tags(html) {
            assert!(!has(&text, "style"), "{name}: inline style in {text}");
            assert!(
                !text.contains(" on") || !text.contains("=\"javascript"),
                "{name}: inline script in {text}"
            );
            assert_ne!(tag, "style", "{name}: style element");
            if tag == "script" {
                assert!(
                    attribute(&text, "src").is_some_and(|src| src.starts_with("/assets/")),
                    "{name}: {text}"
                );
            }
            for link in ["href", "src", "action"] {
                let target = attribute(&text, link).unwrap_or_default();
                assert!(!target.starts_with("//"), "{name}: {text}");
                if link != "href" {
                    assert!(target.is_empty() || target.starts_with('/'), "{name}: {text}");
                }
            }
        }
    });
}

#[test]
fn the_chat_says_all_the_time_that_it_is_an_ai() {
    for locale in Locale::ALL {
        for (name, html) in render_samples(locale).unwrap() {
            if name.starts_with("chat") {
                // GB 45438-2025: the interface label has both elements, and nothing can take it away.
                let notice = html.split("class=\"ai-notice\"").nth(1).unwrap().split("</p>").next().unwrap();
                assert!(notice.contains("人工智能") && notice.contains("生成"), "{name}");
                assert!(!notice.contains("<button"), "{name}");
            }
        }
    }
}

#[test]
fn a_trial_says_so_on_every_page() {
    each_page(|name, _, html| {
        if !name.starts_with("console") {
            assert!(html.contains("class=\"trial-banner\""), "{name}");
        }
    });
}

#[test]
fn typed_text_is_escaped() {
    let html = portal::pages::verify::VerifyPage {
        page: portal::Page {
            locale: Locale::En,
            trial: true,
            provider: "<b>Cinnabar</b>".to_owned(),
            contact: String::new(),
            path: "/verify".to_owned(),
            section: portal::Section::Verify,
            operator: None,
        },
        query: portal::pages::Field::of("</textarea><script>alert(1)</script>"),
        file: portal::pages::Field::default(),
        is_declared: false,
        result: None,
        log_key: String::new(),
    };
    let html = askama::Template::render(&html).unwrap();
    assert!(!html.contains("<script>alert") && !html.contains("<b>Cinnabar"));
}
