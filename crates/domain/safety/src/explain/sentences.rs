//! An explanation as sentences.

use terms::{Direction, Locale};

use super::{Decider, Exempted, Explained, Explanation, Ground, ReadAs, checks};
use crate::{Action, Audience, Capability, FollowUps, Measure};

impl Explanation {
    /// The verdict in a sentence, then one of each hit and each exemption.
    #[must_use]
    pub fn sentences(&self, locale: Locale) -> Vec<String> {
        let findings = self.findings.iter().map(|one| one.sentence(locale));
        let exempted = self.exempted.iter().map(|one| one.sentence(locale));
        std::iter::once(self.sentence(locale)).chain(findings).chain(exempted).collect()
    }

    /// The verdict in a sentence.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let hits = self.findings.len().saturating_add(self.omitted);
        let done = measure(Measure { action: self.action, then: self.then }, locale);
        let audience = audience(self.situation.audience, locale);
        let what = what(self.situation.direction, self.situation.capability, locale);
        match locale {
            Locale::ZhCn if hits == 0 => format!("{what}（对象：{audience}）：没有命中，放行。"),
            Locale::ZhCn => format!("{what}（对象：{audience}）：命中 {hits} 处，处理方式：{done}。"),
            Locale::En if hits == 0 => format!("{what} for {audience}: no hit, it passes."),
            Locale::En => {
                let noun = if hits == 1 { "hit" } else { "hits" };
                format!("{what} for {audience}: {hits} {noun}; what is done: {done}.")
            }
        }
    }
}

impl Explained {
    /// The hit in a sentence.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let finding = &self.finding;
        let (rule, category) = (&finding.rule, &finding.category);
        let (start, end) = (finding.start, finding.end);
        let done = measure(Measure { action: finding.action, then: finding.then }, locale);
        let ground = self.ground.sentence(rule, locale);
        let reading = self.reading.sentence(&finding.normalised, locale);
        let decider = self.decider.sentence(category.name(), locale);
        match locale {
            Locale::ZhCn => {
                format!(
                    "第 {start}–{end} 字节：{ground}（类别 {category}）{reading}。处理方式：{done}，{decider}。"
                )
            }
            Locale::En => format!(
                "Bytes {start} to {end}: {ground} (category {category}){reading}. What is done: {done}, {decider}."
            ),
        }
    }
}

impl Exempted {
    /// The exemption in a sentence.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let Self { rule, start, end, phrase, phrase_start, phrase_end, .. } = self;
        match locale {
            Locale::ZhCn => format!(
                "第 {start}–{end} 字节符合规则 {rule}，但位于放行短语“{phrase}”（第 {phrase_start}–{phrase_end} 字节）之内，不算命中。"
            ),
            Locale::En => format!(
                "Bytes {start} to {end} fit the rule {rule}, but lie within the allowed phrase “{phrase}” (bytes {phrase_start} to {phrase_end}), so that they are no hit."
            ),
        }
    }
}

impl Ground {
    fn sentence(&self, rule: &str, locale: Locale) -> String {
        match (self, locale) {
            (Self::Term { term }, Locale::ZhCn) => format!("词表规则 {rule} 的词条“{term}”"),
            (Self::Term { term }, Locale::En) => format!("the term “{term}” of the lexicon rule {rule}"),
            (Self::PersonalData { kind }, Locale::ZhCn) => match checks(kind) {
                Some((zh, _)) => format!("符合规则 {rule} 的形式，且{zh}"),
                None => format!("符合规则 {rule} 的形式"),
            },
            (Self::PersonalData { kind }, Locale::En) => match checks(kind) {
                Some((_, en)) => format!("it has the shape of the rule {rule}, and {en}"),
                None => format!("it has the shape of the rule {rule}"),
            },
            (Self::HoldLimit { bytes }, Locale::ZhCn) => {
                format!("需要等待后文才能判断的内容有 {bytes} 字节，超过了上限")
            }
            (Self::HoldLimit { bytes }, Locale::En) => {
                format!("{bytes} bytes had to wait for what follows, more than may be held back")
            }
            (Self::Rule, Locale::ZhCn) => format!("命中规则 {rule}"),
            (Self::Rule, Locale::En) => format!("the rule {rule} hit"),
        }
    }
}

impl ReadAs {
    fn sentence(self, normalised: &str, locale: Locale) -> String {
        match (self, locale) {
            (Self::Written, _) => String::new(),
            (Self::Folded, Locale::ZhCn) => format!("，归一化后读作“{normalised}”"),
            (Self::Folded, Locale::En) => format!(", read as “{normalised}” after normalising"),
            (Self::Escapes, Locale::ZhCn) => format!("，还原转义序列后读作“{normalised}”"),
            (Self::Escapes, Locale::En) => {
                format!(", read as “{normalised}” with escape sequences decoded")
            }
            (Self::Undisguised, Locale::ZhCn) => format!("，去除干扰写法后读作“{normalised}”"),
            (Self::Undisguised, Locale::En) => {
                format!(", read as “{normalised}” with the disguise undone")
            }
            (Self::Sound, Locale::ZhCn) => format!("，“{normalised}”与词条读音相同"),
            (Self::Sound, Locale::En) => format!(", “{normalised}” sounds like a term"),
        }
    }
}

impl Decider {
    fn sentence(&self, category: &str, locale: Locale) -> String {
        match (self, locale) {
            (Self::Entry, Locale::ZhCn) => "由词条自身指定".to_owned(),
            (Self::Entry, Locale::En) => "as the entry itself says".to_owned(),
            (Self::Row { origin }, Locale::ZhCn) => format!("由策略 {origin} 决定"),
            (Self::Row { origin }, Locale::En) => format!("as the policy says at {origin}"),
            (Self::Default, Locale::ZhCn) => format!("为类别 {category} 的默认处理"),
            (Self::Default, Locale::En) => format!("the default of the category {category}"),
            (Self::Limit, Locale::ZhCn) => "因为无法判断的内容不得放行".to_owned(),
            (Self::Limit, Locale::En) => "since what cannot be judged may not leave".to_owned(),
            (Self::Hint, Locale::ZhCn) => "因为这种读法可能出于巧合，只供人工复核".to_owned(),
            (Self::Hint, Locale::En) => "because this reading may be chance, a person looks at it".to_owned(),
        }
    }
}

/// A measure in words for people.
fn measure(measure: Measure, locale: Locale) -> String {
    let action = match (measure.action, locale) {
        (Action::Allow, Locale::ZhCn) => "放行",
        (Action::Allow, Locale::En) => "let through",
        (Action::Mask, Locale::ZhCn) => "遮盖",
        (Action::Mask, Locale::En) => "masked",
        (Action::Warn, Locale::ZhCn) => "放行并记录",
        (Action::Warn, Locale::En) => "let through and reported",
        (Action::Block, Locale::ZhCn) => "拦截",
        (Action::Block, Locale::En) => "blocked",
    };
    let then = [
        (FollowUps::REVIEW, "转人工复核", "reviewed by a person"),
        (FollowUps::ATTACH, "附加提示", "a notice attached"),
        (FollowUps::ASK_GUARD, "交由护栏模型判断", "a guard model asked"),
        (FollowUps::END_SESSION, "结束会话", "the session ended"),
        (FollowUps::CRISIS, "提供危机援助", "help for a person in danger given"),
    ];
    let then = then.into_iter().filter(|(one, ..)| measure.then.contains(*one));
    match locale {
        Locale::ZhCn => then.fold(action.to_owned(), |words, (_, zh, _)| format!("{words}、{zh}")),
        Locale::En => then.fold(action.to_owned(), |words, (.., en)| format!("{words}, {en}")),
    }
}

const fn audience(audience: Audience, locale: Locale) -> &'static str {
    match (audience, locale) {
        (Audience::Adult, Locale::ZhCn) => "一般用户",
        (Audience::Adult, Locale::En) => "anyone",
        (Audience::Minor, Locale::ZhCn) => "未成年人",
        (Audience::Minor, Locale::En) => "minors",
        (Audience::Verified, Locale::ZhCn) => "已核验的成年人",
        (Audience::Verified, Locale::En) => "verified adults",
    }
}

const fn what(direction: Direction, capability: Capability, locale: Locale) -> &'static str {
    match (direction, capability, locale) {
        (Direction::Input, Capability::Text, Locale::ZhCn) => "输入文本",
        (Direction::Input, Capability::Text, Locale::En) => "A prompt",
        (Direction::Input, Capability::Tool, Locale::ZhCn) => "工具返回的内容",
        (Direction::Input, Capability::Tool, Locale::En) => "What a tool returned",
        (Direction::Input, Capability::Image, Locale::ZhCn) => "作图要求",
        (Direction::Input, Capability::Image, Locale::En) => "A prompt for a picture",
        (Direction::Input, Capability::Speech, Locale::ZhCn) => "语音输入",
        (Direction::Input, Capability::Speech, Locale::En) => "A spoken prompt",
        (Direction::Output, Capability::Text, Locale::ZhCn) => "回答文本",
        (Direction::Output, Capability::Text, Locale::En) => "An answer",
        (Direction::Output, Capability::Tool, Locale::ZhCn) => "工具调用的内容",
        (Direction::Output, Capability::Tool, Locale::En) => "A call of a tool",
        (Direction::Output, Capability::Image, Locale::ZhCn) => "图片中的文字",
        (Direction::Output, Capability::Image, Locale::En) => "The words of a picture",
        (Direction::Output, Capability::Speech, Locale::ZhCn) => "朗读文本",
        (Direction::Output, Capability::Speech, Locale::En) => "An answer to be spoken",
    }
}
