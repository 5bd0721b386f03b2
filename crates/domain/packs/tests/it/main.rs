//! Packs from the outside: the built-in one as it ships, and broken ones as they come.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod broken;
mod builtin;
mod hostile;
mod several;

/// A small pack that loads; tests break one thing in it.
const SMALL: &[(&str, &str)] = &[
    (
        "pack.yaml",
        "id: xx\nversion: '1'\ntitle: { zh-CN: 试, en: Trial }\njurisdiction: XX\neffective_from: '2026-01-01'\n\
         files: [parameters.yaml, policy.yaml, obligations/one.yaml, texts/one.yaml, calendars/2026.yaml, lexicons/a.csv]\n",
    ),
    (
        "parameters.yaml",
        "parameters:\n  - { id: keep, title: { zh-CN: 留, en: Keep }, value: 10, unit: days, merge: max, source: xx.1, \
         set_by: law, adjust: up }\n",
    ),
    (
        "policy.yaml",
        "rows:\n  - { category: fraud, direction: input, audience: minor, measure: block+attach, text: call }\n",
    ),
    (
        "obligations/one.yaml",
        "instrument:\n  id: xx\n  title: { zh-CN: 法, en: Act }\n  jurisdiction: XX\n  effective_from: '2026-01-01'\n  \
         source: { name: Gazette }\nobligations:\n  - id: xx.1\n    article: '1'\n    actor: [provider]\n    \
         duty: { zh-CN: 留存, en: Keep logs }\n    control: [ledger.log]\n    evidence: [entries]\n    \
         severity: error\n    verification: primary\n",
    ),
    (
        "texts/one.yaml",
        "texts:\n  - { id: hello, placeholders: [name], relies_on: [xx.1], zh-CN: '你好 {name}', en: 'Hello {name}' }\n  \
         - { id: call, placeholders: [contact], zh-CN: '联系 {contact}', en: 'Call {contact}' }\n",
    ),
    (
        "calendars/2026.yaml",
        "jurisdiction: XX\nyear: 2026\nsource: { name: Gazette }\nverification: primary\n\
         days_off: [{ from: '2026-01-01', to: '2026-01-02' }]\ndays_worked: ['2026-01-04']\n",
    ),
    ("lexicons/a.csv", "anything"),
];

/// The small pack with `new` in place of `old` in one file.
fn edited(file: &str, old: &str, new: &str) -> Result<packs::Pack, packs::PackError> {
    let files: Vec<(&str, String)> = SMALL
        .iter()
        .map(|(path, text)| {
            if *path == file {
                assert!(text.contains(old), "{path} has no {old:?}");
                (*path, text.replacen(old, new, 1))
            } else {
                (*path, (*text).to_owned())
            }
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    packs::Pack::load(&files)
}
