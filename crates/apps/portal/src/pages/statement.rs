//! The statement of reasons, as several pages show it.

use terms::{Locale, Timestamp};

use crate::page::samples;

/// One provision a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The title of the instrument.
    pub title: String,
    /// Its article.
    pub article: String,
}

/// What was decided about somebody's content or use, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The id.
    pub decision_id: String,
    /// The decision in a sentence.
    pub headline: String,
    /// What happened.
    pub facts: String,
    /// Why the rule exists.
    pub reason: String,
    /// The name of the category.
    pub category: String,
    /// What it rests on.
    pub grounds: Vec<Ground>,
    /// The rule that matched.
    pub rule: String,
    /// Whether software or a person found and decided, in a sentence.
    pub automation: String,
    /// When.
    pub made_at: Timestamp,
    /// In words: how long an answer to an appeal may take.
    pub answer_limit: String,
    /// When the decision was undone.
    pub overturned: Option<Timestamp>,
    /// What had been held back and was released when the decision was undone.
    pub released_text: Option<String>,
}

impl Statement {
    /// A statement to look at.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let chinese = locale == Locale::ZhCn;
        let text = |zh: &str, en: &str| if chinese { zh.to_owned() } else { en.to_owned() };
        Self {
            decision_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            headline: text("您发送的内容未被处理", "Your message was not processed"),
            facts: text(
                "消息中的一段文字命中了词库规则“测试”，因此没有送交模型。",
                "A passage of the message matched the lexicon rule “test”, so it was not sent to the model.",
            ),
            reason: text(
                "服务提供者应当防止生成和传播违法内容。",
                "A provider has to keep unlawful content from being generated and spread.",
            ),
            category: text("测试", "Test"),
            grounds: vec![
                Ground {
                    title: text(
                        "生成式人工智能服务管理暂行办法",
                        "Interim Measures for Generative AI Services",
                    ),
                    article: text("第四条第（一）项", "4(1)"),
                },
                Ground {
                    title: text("互联网信息服务深度合成管理规定", "Provisions on Deep Synthesis"),
                    article: text("第十条第一款", "10(1)"),
                },
            ],
            rule: "lexicon.test".to_owned(),
            automation: text(
                "由规则自动发现，自动作出决定，没有人工参与。",
                "Found and decided automatically by a rule, without a person.",
            ),
            made_at: samples::hours_later(0),
            answer_limit: text("15 个工作日内", "within 15 working days"),
            overturned: None,
            released_text: None,
        }
    }

    /// The same statement after a successful appeal.
    #[must_use]
    pub fn sample_overturned(locale: Locale) -> Self {
        Self {
            overturned: Some(samples::hours_later(30)),
            released_text: Some(if locale == Locale::ZhCn {
                "此前被拦截、现予恢复的文字。".to_owned()
            } else {
                "The text that had been held back and is now released.".to_owned()
            }),
            ..Self::sample(locale)
        }
    }
}
