//! The library beside live traffic: files, what is in force when, counts, false positives, candidates.

use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use cases::Outcome;
use operations::{
    FalsePositiveState, LexiconCandidate, LexiconDraft, LexiconFormat, LexiconImport, LexiconProposalRequest,
    LexiconQuery, LexiconRefused, LexiconSource, Operations,
};
use terms::{Actor, Direction};
use testkit::service;

use crate::site::{Site, code, on_both, reviewer, token};

fn draft(term: &str) -> LexiconDraft {
    LexiconDraft {
        term: term.to_owned(),
        category: "operator.mine".to_owned(),
        measure: "block".to_owned(),
        direction: "both".to_owned(),
        ..LexiconDraft::default()
    }
}

fn request(drafts: Vec<LexiconDraft>) -> LexiconProposalRequest {
    LexiconProposalRequest { title: String::new(), reasons: "需要".to_owned(), drafts }
}

async fn approved(operations: &Operations, drafts: Vec<LexiconDraft>) {
    let id = operations.lexicon_propose(&reviewer(1), request(drafts)).await.unwrap();
    operations.lexicon_approve(&reviewer(2), id, "同意").await.unwrap();
}

fn is_blocked(operations: &Operations, text: &str) -> bool {
    operations.safety().check(text, Direction::Input).verdict.is_blocked()
}

fn file(format: LexiconFormat, bytes: impl Into<Vec<u8>>) -> LexiconImport {
    LexiconImport { name: "list".to_owned(), format, bytes: bytes.into(), usual: draft("") }
}

/// Another process over the same database.
async fn another(site: &Site) -> Operations {
    let store = store::Store::open(&site.target).await.unwrap();
    let settings = service::trial_settings();
    service::operations_over(site.folder.path(), store, settings, site.clock.clone(), None).await
}

#[tokio::test]
async fn what_was_approved_is_in_force_in_other_processes_and_after_a_restart() {
    on_both(async |site| {
        let second = another(&site).await;
        approved(&site.operations, vec![draft("甲词")]).await;
        assert!(!is_blocked(&second, "甲词"));
        let (in_force, is_new) = second.lexicon_refresh().await.unwrap();
        assert!(is_new && in_force.version == 1 && is_blocked(&second, "甲词"));
        assert!(!second.lexicon_refresh().await.unwrap().1);
        assert_eq!(second.safety().version(), site.operations.safety().version());
        // As after a kill between the approval and the swap: the database alone says what is in force.
        assert!(is_blocked(&another(&site).await, "甲词"));
    })
    .await;
}

/// What was compiled once is taken as it is until something else is to be compiled: the file is written anew only then.
#[tokio::test]
async fn what_was_compiled_is_kept_for_the_next_start() {
    on_both(async |site| {
        let kept = site.folder.path().join("cache/lexicons");
        let inode = || std::fs::metadata(&kept).unwrap().ino();
        approved(&site.operations, vec![draft("甲词")]).await;
        assert!(is_blocked(&another(&site).await, "甲词"));
        let first = inode();
        let second = another(&site).await;
        assert!(is_blocked(&second, "甲词") && inode() == first);
        assert_eq!(second.safety().version(), site.operations.safety().version());
        // Another version is other lexicons.
        approved(&second, vec![draft("乙词")]).await;
        let third = another(&site).await;
        assert!(is_blocked(&third, "乙词") && is_blocked(&third, "甲词") && inode() != first);
        // Damage is as nothing.
        std::fs::write(&kept, b"cinnabar-terms-3 and nothing").unwrap();
        let damaged = inode();
        assert!(is_blocked(&another(&site).await, "乙词") && inode() != damaged);
    })
    .await;
}

#[tokio::test]
async fn entries_count_on_their_days_in_the_zone_of_the_pack() {
    on_both(async |site| {
        // 2026-11-23, 16:00 in China.
        let operations = &site.operations;
        let dated = |term: &str, from: &str, until: &str| LexiconDraft {
            valid_from: from.to_owned(),
            valid_until: until.to_owned(),
            ..draft(term)
        };
        approved(operations, vec![dated("始词", "2026-11-24", ""), dated("终词", "", "2026-11-23")]).await;
        assert!(!is_blocked(operations, "始词") && is_blocked(operations, "终词"));
        site.clock.advance(Duration::from_secs(7 * 3_600));
        assert!(!operations.lexicon_refresh().await.unwrap().1);
        site.clock.advance(Duration::from_secs(3_600));
        assert!(operations.lexicon_refresh().await.unwrap().1);
        assert!(is_blocked(operations, "始词") && !is_blocked(operations, "终词"));
        let reversed = dated("错词", "2026-11-24", "2026-11-23");
        assert_eq!(code(operations.lexicon_propose(&reviewer(1), request(vec![reversed])).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_file_is_looked_at_before_it_becomes_one_proposal() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, vec![draft("旧词"), draft("同词")]).await;
        let csv = "\u{FEFF}term,category,action,direction,note\r\n\
            新词,operator.mine,block,both,\r\n\
            旧词,operator.mine,warn,both,\"软,化\"\r\n\
            同词,operator.mine,block,both,\r\n\
            错词,freud,block,both,\r\n\
            新词,operator.mine,warn,both,\r\n\
            短,operator.mine\r\n";
        let preview =
            operations.lexicon_import_preview(&reviewer(1), file(LexiconFormat::Csv, csv)).await.unwrap();
        assert_eq!((preview.added, preview.changed, preview.unchanged, preview.refused), (1, 1, 1, 3));
        let lines: Vec<usize> = preview.refused_shown.iter().map(|line| line.line).collect();
        assert_eq!(lines, [5, 6, 7]);
        assert!(preview.refused_shown[1].problem.contains("line 2"), "{:?}", preview.refused_shown);
        assert_eq!(preview.changed_shown[0].note, "软,化");

        let import = || file(LexiconFormat::Csv, csv);
        let (by, all) = (reviewer(1), LexiconRefused::StopAll);
        assert_eq!(code(operations.lexicon_import(&by, import(), "需要", all).await), "invalid");
        let rest = LexiconRefused::LeaveOut;
        let id = operations.lexicon_import(&by, import(), "需要", rest).await.unwrap();
        // The same file again, by whomever: it waits already.
        let again = operations.lexicon_import(&reviewer(3), import(), "需要", rest).await;
        assert_eq!(code(again), "conflict");
        operations.lexicon_approve(&reviewer(2), id, "好").await.unwrap();
        assert!(is_blocked(operations, "新词") && !is_blocked(operations, "旧词"));
        assert_eq!(code(operations.lexicon_import(&by, import(), "需要", rest).await), "conflict");
        let broken = file(LexiconFormat::Csv, [0xff, 0xfe]);
        assert_eq!(code(operations.lexicon_import_preview(&by, broken).await), "invalid");
        let headless = file(LexiconFormat::Csv, "词,类\n");
        assert_eq!(code(operations.lexicon_import_preview(&by, headless).await), "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_is_exported_is_the_same_when_imported() {
    on_both(async |site| {
        let operations = &site.operations;
        let full = LexiconDraft {
            measure: "warn".to_owned(),
            audiences: vec!["minor".to_owned(), "verified".to_owned()],
            valid_from: "2026-01-01".to_owned(),
            valid_until: "2027-01-01".to_owned(),
            note: "“引号\"、逗号,”".to_owned(),
            ..draft("=全词")
        };
        approved(operations, vec![full, draft("#井号")]).await;
        for format in [LexiconFormat::Csv, LexiconFormat::Xlsx, LexiconFormat::JsonLines] {
            let bytes = operations.lexicon_export(&Actor::Service, None, format).await.unwrap();
            let preview = operations.lexicon_import_preview(&reviewer(1), file(format, bytes)).await.unwrap();
            let counts = (preview.added, preview.changed, preview.unchanged, preview.refused);
            assert_eq!(counts, (0, 0, 2, 0), "{format:?} {:?}", preview.refused_shown);
        }
        let text = operations.lexicon_export(&Actor::Service, Some(1), LexiconFormat::Txt).await.unwrap();
        assert_eq!(String::from_utf8(text.clone()).unwrap(), "\\#井号\n=全词\n");
        let preview =
            operations.lexicon_import_preview(&reviewer(1), file(LexiconFormat::Txt, text)).await.unwrap();
        assert_eq!((preview.added, preview.unchanged), (1, 1));
        // The hash of a version is that of its lines.
        let lines = operations.lexicon_export(&Actor::Service, None, LexiconFormat::JsonLines).await.unwrap();
        let version = &operations.lexicon_versions(&Actor::Service, None, 1).await.unwrap()[0];
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&lines);
        assert_eq!(hex::encode(digest), version.content_hash);

        let form = operations.lexicon_export(&Actor::Service, None, LexiconFormat::Filing).await.unwrap();
        let (sheets, rows) = spreadsheet::read(&form).unwrap();
        assert_eq!(sheets, ["拦截关键词列表"]);
        assert_eq!(rows[0].fields, ["关键词", "一级分类", "二级分类"]);
        assert!(rows.iter().any(|row| row.fields == ["=全词", "—", "operator.mine"]));
        assert!(rows.iter().skip(1).any(|row| row.fields[2] == "A.1.f"));
    })
    .await;
}

#[tokio::test]
async fn hits_are_counted_by_day_and_rule_and_nothing_else() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, vec![draft("甲词")]).await;
        let check = |text: &str| {
            let checked = operations.safety().check(text, Direction::Input);
            operations.lexicon_count(Direction::Input, &checked.verdict);
        };
        check("今天天气不错");
        assert_eq!(operations.lexicon_write_counts().await.unwrap(), 0);
        check("甲词甲词");
        check("甲词");
        operations.lexicon_write_counts().await.unwrap();
        site.clock.advance(Duration::from_secs(24 * 3_600));
        check("甲词");
        operations.lexicon_follow().await.unwrap();
        let days = |day: &str| day.parse().unwrap();
        let (first, last) = (days("2026-11-23"), days("2026-11-30"));
        let hits = operations.lexicon_hits(&reviewer(1), first, last).await.unwrap();
        let rows: Vec<(&str, &str, u64)> =
            hits.iter().map(|row| (row.day.as_str(), row.rule.as_str(), row.hits)).collect();
        let today: u64 = rows.iter().filter(|row| row.0 == "2026-11-23").map(|row| row.2).sum();
        // A blocked text ends at the first hit.
        assert_eq!(today, 2, "{rows:?}");
        assert_eq!(rows.last(), Some(&("2026-11-24", "lexicon.operator.mine", 1)));
        assert_eq!((hits[0].direction.as_str(), hits[0].measure.as_str()), ("input", "block"));
        assert!(operations.lexicon_hits(&reviewer(1), last, last).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_upheld_appeal_asks_for_an_allowed_phrase() {
    on_both(async |site| {
        let operations = &site.operations;
        let who = site.admit("a").await.unwrap();
        let phrase = "代开发票是违法行为";
        assert!(is_blocked(operations, phrase));
        let notice = site.block(&who, Direction::Input, phrase).await;
        site.appealed(&token(&notice.appeal_url), Outcome::Upheld).await;
        let inbox =
            async |state| operations.lexicon_false_positives(&reviewer(1), state, None, 10).await.unwrap();
        let items = inbox(Some(FalsePositiveState::Open)).await;
        let [item] = items.as_slice() else { unreachable!("{items:?}") };
        assert_eq!((item.rule.as_str(), item.normalised.as_str()), ("lexicon.fraud", "代开发票"));
        assert_eq!(item.decision_id, notice.decision_id);

        let foreign = operations.lexicon_allow_false_positive(&reviewer(1), item.item_id, "别的话", "").await;
        assert_eq!(code(foreign), "invalid");
        let id =
            operations.lexicon_allow_false_positive(&reviewer(1), item.item_id, phrase, "").await.unwrap();
        let again = operations.lexicon_allow_false_positive(&reviewer(1), item.item_id, phrase, "").await;
        assert_eq!(code(again), "conflict");
        let proposal = operations.lexicon_proposal(&reviewer(2), id).await.unwrap();
        assert_eq!((proposal.source, proposal.decision_id), (LexiconSource::Case, Some(notice.decision_id)));
        operations.lexicon_approve(&reviewer(2), id, "好").await.unwrap();
        assert!(!is_blocked(operations, phrase) && is_blocked(operations, "代开发票请联系"));
        let query = LexiconQuery { source: Some(LexiconSource::Case), ..LexiconQuery::default() };
        assert_eq!(operations.lexicon_search(&reviewer(1), query).await.unwrap().entries.len(), 1);

        let other = site.block(&who, Direction::Input, "代开发票 二").await;
        site.appealed(&token(&other.appeal_url), Outcome::Upheld).await;
        let item = inbox(Some(FalsePositiveState::Open)).await[0].item_id;
        assert_eq!(code(operations.lexicon_dismiss_false_positive(&reviewer(1), item, "").await), "invalid");
        operations.lexicon_dismiss_false_positive(&reviewer(1), item, "语境特殊").await.unwrap();
        assert!(inbox(Some(FalsePositiveState::Open)).await.is_empty());
        assert_eq!(inbox(None).await.len(), 2);
        // An appeal that fails says nothing about the lists.
        let third = site.block(&who, Direction::Input, "代开发票 三").await;
        site.appealed(&token(&third.appeal_url), Outcome::Rejected).await;
        assert_eq!(inbox(None).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_candidate_is_counted_beside_the_list_in_force_and_decides_nothing() {
    on_both(async |site| {
        let operations = &site.operations;
        approved(operations, vec![draft("甲词")]).await;
        let engine = operations.safety();
        assert!(operations.lexicon_probe(Direction::Input, &engine).is_none());
        let drafts = vec![LexiconDraft { measure: "warn".to_owned(), ..draft("甲词") }, draft("乙词")];
        let id = operations.lexicon_propose(&reviewer(1), request(drafts)).await.unwrap();
        let candidate = LexiconCandidate::Proposal(id);
        let run = operations.lexicon_shadow_start(&reviewer(1), candidate, 1_000).await.unwrap();
        let other = operations.lexicon_shadow_start(&reviewer(1), candidate, 10).await;
        assert_eq!(code(other), "conflict");
        for text in ["无事", "有甲词", "有乙词", "又有乙词"] {
            let mut probe = operations.lexicon_probe(Direction::Input, &engine).unwrap();
            text.chars().for_each(|c| probe.push(&c.to_string()));
            drop(probe);
            assert_eq!(is_blocked(operations, text), text == "有甲词");
        }
        let shown = async || operations.lexicon_shadows(&reviewer(1)).await.unwrap().remove(0);
        // The second check is on another thread.
        while shown().await.texts < 4 {
            tokio::task::yield_now().await;
            operations.lexicon_shadow_follow().await.unwrap();
        }
        assert_eq!(operations.lexicon_shadow_stop(&reviewer(1)).await.unwrap(), run);
        assert!(operations.lexicon_probe(Direction::Input, &engine).is_none());
        let view = shown().await;
        assert!(!view.is_running && view.texts == 4 && view.skipped == 0);
        let counts: Vec<(&str, u64)> =
            view.counts.iter().map(|count| (count.change.as_str(), count.texts)).collect();
        assert_eq!(counts, [("blocks", 2), ("lifts", 1)]);
        assert_eq!(code(operations.lexicon_shadow_stop(&reviewer(1)).await), "not_found");

        // A candidate that is decided is not tried out any more.
        operations.lexicon_shadow_start(&reviewer(1), candidate, 10).await.unwrap();
        operations.lexicon_reject(&reviewer(2), id, "不").await.unwrap();
        operations.lexicon_follow().await.unwrap();
        assert!(!shown().await.is_running);
        assert_eq!(code(operations.lexicon_shadow_start(&reviewer(1), candidate, 10).await), "conflict");
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_left_of_an_import_is_removed_and_never_shown() {
    on_both(async |site| {
        let store = store::Store::open(&site.target).await.unwrap();
        let id = site.operations.lexicon_propose(&reviewer(1), request(vec![draft("甲词")])).await.unwrap();
        let row = store.lexicon_proposal_lookup(id).await.unwrap().unwrap();
        let left = store::LexiconProposalRow {
            proposal_id: terms::LexiconProposalId::from_u128(7),
            state: "preparing".to_owned(),
            ..row
        };
        let mut tx = store.begin().await.unwrap();
        tx.lexicon_proposal_insert(&left).await.unwrap();
        tx.commit().await.unwrap();
        let shown = site.operations.lexicon_proposal(&reviewer(1), left.proposal_id).await;
        assert_eq!(code(shown), "not_found");
        assert_eq!(site.operations.lexicon_sweep().await.unwrap(), 0);
        site.clock.advance(Duration::from_secs(25 * 3_600));
        assert_eq!(site.operations.lexicon_sweep().await.unwrap(), 1);
        assert_eq!(store.lexicon_proposal_lookup(left.proposal_id).await.unwrap(), None);
    })
    .await;
}
