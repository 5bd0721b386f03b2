//! Rows to put in: one of each noun, every field filled.

use store::*;
use terms::*;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_795_420_800_000_000 + seconds * 1_000_000 + 7).unwrap()
}

pub(crate) fn entry(number: u128) -> NewEntry {
    NewEntry {
        entry_id: EntryId::from_u128(number),
        event: "generation.begun".to_owned(),
        time: at(1),
        tenant_id: TenantId::DEFAULT,
        subject_id: Some(SubjectId::from_u128(5)),
        produce_id: Some(ProduceId::from_u128(number)),
        about: Some("case:1".to_owned()),
        bytes: format!("{{\"schema\":1,\"id\":\"{number}\",\"text\":\"字\"}}"),
        nonce: Some(vec![1; 24]),
        payload: Some(vec![0, 255, 3]),
    }
}

pub(crate) fn begin(number: u128) -> GenerationBegin {
    GenerationBegin {
        produce_id: ProduceId::from_u128(number),
        tenant_id: TenantId::DEFAULT,
        key_id: Some(ApplicationKeyId::from_u128(3)),
        subject_id: SubjectId::from_u128(5),
        route: "/v1/chat/completions".to_owned(),
        model: "demo".to_owned(),
        streamed: true,
        begun_at: at(1),
        begun_entry_id: EntryId::from_u128(number),
    }
}

pub(crate) fn end(number: u128) -> GenerationEnd {
    GenerationEnd {
        produce_id: ProduceId::from_u128(number),
        ended_at: at(2),
        ended_entry_id: EntryId::from_u128(number + 1_000_000),
        end_reason: "stop".to_owned(),
        prompt_tokens: Some(10),
        completion_tokens: None,
        label: Some("suffix".to_owned()),
        fingerprint: Some([9; 32]),
    }
}

pub(crate) fn whole(number: u128) -> GenerationRow {
    let (begin, end) = (begin(number), end(number));
    GenerationRow {
        produce_id: begin.produce_id,
        tenant_id: begin.tenant_id,
        key_id: begin.key_id,
        subject_id: begin.subject_id,
        route: begin.route,
        model: begin.model,
        streamed: begin.streamed,
        begun_at: begin.begun_at,
        begun_entry_id: begin.begun_entry_id,
        ended_at: Some(end.ended_at),
        ended_entry_id: Some(end.ended_entry_id),
        end_reason: Some(end.end_reason),
        prompt_tokens: end.prompt_tokens,
        completion_tokens: end.completion_tokens,
        label: end.label,
        fingerprint: end.fingerprint,
    }
}

pub(crate) fn key() -> ApplicationKeyRow {
    ApplicationKeyRow {
        key_id: ApplicationKeyId::from_u128(3),
        tenant_id: TenantId::DEFAULT,
        name: "网站".to_owned(),
        prefix: "cin_ab".to_owned(),
        token_hash: [1; 32],
        end_user: "required".to_owned(),
        placement: "suffix".to_owned(),
        envelope: "both".to_owned(),
        owner_subject_id: SubjectId::from_u128(5),
        created_at: at(0),
        revoked_at: None,
    }
}

pub(crate) fn subject(number: u8) -> SubjectRow {
    SubjectRow {
        subject_id: SubjectId::from_u128(number.into()),
        tenant_id: TenantId::DEFAULT,
        subject_index: [number; 32],
        kind: "end_user".to_owned(),
        level: "none".to_owned(),
        level_method: None,
        level_at: None,
        agreement_hash: None,
        agreement_at: None,
        created_at: at(0),
    }
}

pub(crate) fn decision(number: u8) -> DecisionRow {
    DecisionRow {
        decision_id: DecisionId::from_u128(number.into()),
        tenant_id: TenantId::DEFAULT,
        subject_id: SubjectId::from_u128(5),
        produce_id: Some(ProduceId::from_u128(1)),
        key_id: Some(ApplicationKeyId::from_u128(3)),
        kind: "block".to_owned(),
        rule: "lexicon.fraud".to_owned(),
        category: "fraud".to_owned(),
        direction: Direction::Output,
        statement: "{\"facts\":\"x\"}".to_owned(),
        sealed: vec![4; 40],
        made_at: at(i64::from(number)),
        automated: true,
        decided_by: None,
        state: "standing".to_owned(),
        overturned_at: None,
        overturned_case_id: None,
        appeal_token_hash: [number; 32],
        strike: true,
        prompt_fingerprint: Some([8; 32]),
        entry_id: EntryId::from_u128(77),
    }
}

pub(crate) fn pass(decision: u8) -> PromptPassRow {
    PromptPassRow {
        subject_id: SubjectId::from_u128(5),
        fingerprint: [8; 32],
        decision_id: DecisionId::from_u128(decision.into()),
        granted_at: at(3),
        used_at: None,
    }
}

pub(crate) fn penalty(number: u8, ends_at: Option<Timestamp>) -> PenaltyRow {
    PenaltyRow {
        penalty_id: PenaltyId::from_u128(number.into()),
        tenant_id: TenantId::DEFAULT,
        subject_id: SubjectId::from_u128(5),
        kind: "suspension".to_owned(),
        decision_id: DecisionId::from_u128(1),
        starts_at: at(0),
        ends_at,
        lifted_at: None,
        lifted_case_id: None,
    }
}

pub(crate) fn case(number: u8, due: i64) -> CaseRow {
    CaseRow {
        case_id: CaseId::from_u128(number.into()),
        number: format!("2026-{number:04}"),
        tenant_id: TenantId::DEFAULT,
        kind: "appeal".to_owned(),
        state: "open".to_owned(),
        decision_id: Some(DecisionId::from_u128(1)),
        produce_id: Some(ProduceId::from_u128(1)),
        subject_id: Some(SubjectId::from_u128(5)),
        opened_at: at(0),
        due_at: at(due),
        due_provisional: true,
        limit_id: "cn.appeal.answer".to_owned(),
        code_hash: [6; 32],
        locale: Locale::En,
        sealed: vec![1, 2],
        reviewer_id: None,
        outcome: None,
        reasons_sealed: None,
        decided_at: None,
        decided_by: None,
        updated_at: at(0),
        version: 1,
    }
}

pub(crate) fn operator() -> OperatorRow {
    OperatorRow {
        operator_id: OperatorId::from_u128(2),
        name: "李雷".to_owned(),
        password_hash: "$argon2id$…".to_owned(),
        role: ActorRole::Reviewer,
        created_at: at(0),
        disabled_at: None,
    }
}

pub(crate) fn invitation() -> InvitationRow {
    InvitationRow {
        token_hash: [3; 32],
        role: ActorRole::Administrator,
        created_at: at(0),
        expires_at: at(100),
        used_at: None,
        operator_id: None,
        invited_by: None,
        revoked_at: None,
    }
}

pub(crate) fn label_grant(number: u8, expires: i64) -> LabelGrantRow {
    LabelGrantRow {
        grant_id: LabelGrantId::from_u128(number.into()),
        tenant_id: TenantId::DEFAULT,
        key_id: Some(ApplicationKeyId::from_u128(3)),
        subject_id: (number > 1).then_some(SubjectId::from_u128(5)),
        scope: "picture".to_owned(),
        clause: "第 7 条".to_owned(),
        agreement: "2026-11".to_owned(),
        sealed: vec![1, 0, 255],
        granted_by: OperatorId::from_u128(2),
        granted_at: at(0),
        expires_at: at(expires),
        withdrawn_at: None,
        withdrawn_by: None,
    }
}

pub(crate) fn session(number: u8, expires: i64) -> SessionRow {
    SessionRow {
        token_hash: [number; 32],
        kind: "operator".to_owned(),
        operator_id: Some(OperatorId::from_u128(2)),
        subject_id: None,
        created_at: at(0),
        seen_at: at(0),
        expires_at: at(expires),
    }
}

pub(crate) fn task(number: u8, dedup_key: &str) -> TaskRow {
    TaskRow {
        task_id: TaskId::from_u128(number.into()),
        kind: "calendar.missing".to_owned(),
        detail: "{}".to_owned(),
        dedup_key: dedup_key.to_owned(),
        created_at: at(0),
        resolved_at: None,
        resolved_by: None,
    }
}

pub(crate) fn head(size: u64) -> LogStateRow {
    LogStateRow {
        log_name: "main".to_owned(),
        size,
        state: vec![7; 64],
        checkpoint: "origin\n1\n…\n".to_owned(),
        updated_at: at(0),
    }
}
