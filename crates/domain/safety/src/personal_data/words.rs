//! The words that tell what comes: before weak shapes (`护照`), before values (`密码：`), and the beginnings of keys (`sk-`).
//!
//! One small automaton reads them all, one step for each character. Words of letters need no boundary unless said so:
//! `DB_PASSWORD` announces a password as well.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::automaton::{Automaton, State};

/// What a word near a weak shape says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Near {
    Passport,
    Permit,
    Organisation,
    Phone,
    Card,
    /// What looks like an address is a version number.
    Version,
}

/// What a word says comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A key: the least length of what follows, all letters and digits or with `_` and `-`.
    Key(KeyShape),
    /// The rest of a JSON web token.
    Jwt,
    /// A bearer token.
    Bearer,
    /// The body of a private key.
    Pem,
    /// User, password and host of a URL.
    Authority,
    /// A password.
    Password,
    /// A key without a shape of its own.
    SecretValue,
    /// A name.
    Name,
    /// A name after which a title comes.
    Titled,
    /// An address.
    Address,
    /// What follows the name of a province or a large city in an address.
    Place,
}

/// How a key of a known provider looks behind its first characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyShape {
    pub(super) least: u8,
    pub(super) most: u8,
    pub(super) digits: u8,
    pub(super) joins: bool,
}

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Near(Near),
    /// `true`: nothing of a word may stand right before it.
    Announce(Class, bool),
    /// A number plate can begin with this character.
    Province,
    /// A number in Chinese numerals can begin with this character.
    Numeral,
}

const fn key(least: u8, most: u8, digits: u8, joins: bool) -> Class {
    Class::Key(KeyShape { least, most, digits, joins })
}

/// The first characters of the number plates of GA 36-2018: one for each province.
const PLATE_PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// Provinces of GB/T 2260 as addresses name them, and cities that addresses name without their province.
const PLACES: &str = "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 \
    陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 广州 深圳 杭州 南京 苏州 成都 武汉 西安 郑州 长沙 青岛 济南 大连 沈阳 哈尔滨 长春 \
    厦门 福州 宁波 无锡 合肥 南昌 昆明 贵阳 南宁 石家庄 太原 东莞 佛山";

/// Words by what they do, separated by spaces; `␣` stands for a space in a word.
const WORDS: &[(Effect, &str)] = &[
    (Effect::Near(Near::Passport), "护照 passport"),
    (Effect::Near(Near::Permit), "通行证 回乡证 返乡证 台胞证"),
    (Effect::Near(Near::Organisation), "组织机构代码 组织代码 机构代码"),
    (Effect::Near(Near::Phone), "电话 座机 固话 传真 联系方式 致电 拨打 tel phone fax"),
    (Effect::Near(Near::Card), "卡号 银行卡 信用卡 储蓄卡 借记卡 card"),
    (Effect::Near(Near::Version), "版本 version 章节 编号"),
    (Effect::Announce(key(20, 255, 2, true), true), "sk- github_pat_ hf_"),
    (Effect::Announce(key(16, 255, 1, true), true), "sk_live_ rk_live_ sk_test_ rk_test_"),
    (Effect::Announce(key(16, 16, 1, false), true), "akia asia"),
    (Effect::Announce(key(36, 255, 1, false), true), "ghp_ gho_ ghu_ ghs_ ghr_ npm_"),
    (Effect::Announce(key(20, 255, 1, true), true), "glpat-"),
    (Effect::Announce(key(10, 255, 2, true), true), "xoxb- xoxp- xoxa- xoxr- xoxs- xapp-"),
    (Effect::Announce(key(35, 35, 1, true), true), "aiza"),
    (Effect::Announce(key(12, 30, 1, false), true), "ltai"),
    (Effect::Announce(key(13, 64, 1, false), true), "akid"),
    (Effect::Announce(Class::Jwt, true), "eyj"),
    (Effect::Announce(Class::Bearer, true), "bearer"),
    (Effect::Announce(Class::Pem, false), "private␣key-----"),
    (Effect::Announce(Class::Authority, false), "://"),
    (Effect::Announce(Class::Password, false), "密码 口令 password passwd pwd"),
    (
        Effect::Announce(Class::SecretValue, false),
        "密钥 令牌 secret token api_key apikey api-key api␣key access_key accesskey secret_key secretkey",
    ),
    (
        Effect::Announce(Class::Name, false),
        "姓名 我叫 名叫 名字叫 联系人 收件人 收货人 寄件人 户名 持卡人 开户人 法定代表人 患者 申请人 经办人 投保人",
    ),
    (Effect::Announce(Class::Titled, false), "尊敬的 亲爱的 联系 致电 感谢 请找"),
    (
        Effect::Announce(Class::Address, false),
        "地址 住址 家住 住在 居住地 户籍地 居住于 现居 寄到 寄至 送到 送至",
    ),
    (Effect::Announce(Class::Place, false), PLACES),
    (Effect::Numeral, "一 壹 幺"),
];

/// The words, compiled.
#[derive(Debug)]
pub(super) struct Words {
    automaton: Automaton,
    /// The characters that a word begins with, a bit for each of the first 65,536: most text has none of them, and then
    /// the automaton need not be asked.
    firsts: Vec<u64>,
    pairs: BTreeSet<(char, char)>,
    /// For each pattern how many characters it has and what it does.
    effects: Vec<(usize, Vec<Effect>)>,
}

/// The one table of the process.
pub(super) fn words() -> &'static Words {
    static TABLE: LazyLock<Words> = LazyLock::new(Words::build);
    &TABLE
}

impl Words {
    fn build() -> Self {
        let mut all = std::collections::BTreeMap::<String, Vec<Effect>>::new();
        for (effect, list) in WORDS {
            for word in list.split_whitespace() {
                all.entry(word.replace('␣', " ")).or_default().push(*effect);
            }
        }
        for province in PLATE_PROVINCES.chars() {
            all.entry(province.into()).or_default().push(Effect::Province);
        }
        let patterns: Vec<&str> = all.keys().map(String::as_str).collect();
        // The list is ours: a fault in it is shown by the test that finds every word.
        let automaton = Automaton::build(&patterns).unwrap_or_default();
        let mut firsts = vec![0_u64; 1024];
        for first in patterns.iter().filter_map(|word| word.chars().next()) {
            let (place, bit) = place(first);
            if let Some(bits) = firsts.get_mut(place) {
                *bits |= bit;
            }
        }
        let pair = |word: &&str| word.chars().next().zip(word.chars().nth(1));
        let pairs = patterns.iter().filter_map(pair).collect();
        let effects = all.into_iter().map(|(word, effects)| (word.chars().count(), effects)).collect();
        Self { automaton, firsts, pairs, effects }
    }

    #[inline]
    pub(super) fn next(&self, state: State, c: char) -> State {
        if state == State::START && !self.is_first(c) {
            return State::START;
        }
        self.automaton.next(state, c)
    }

    /// Whether some word begins with `c`.
    #[inline]
    pub(super) fn is_first(&self, c: char) -> bool {
        let (place, bit) = place(c);
        self.firsts.get(place).is_some_and(|bits| bits & bit != 0)
    }

    /// The first two characters of every word that has more than one.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (char, char)> + '_ {
        self.pairs.iter().copied()
    }

    #[inline]
    pub(super) fn has_outputs(&self, state: State) -> bool {
        self.automaton.has_outputs(state)
    }

    /// What the words do that end here, the longest first, each with its length.
    pub(super) fn effects(&self, state: State) -> impl Iterator<Item = (usize, Effect)> + '_ {
        self.automaton
            .outputs(state)
            .filter_map(|number| self.effects.get(number as usize))
            .flat_map(|(length, effects)| effects.iter().map(|effect| (*length, *effect)))
    }
}

/// Which word of the bits a character is in, and its bit.
#[inline]
fn place(c: char) -> (usize, u64) {
    let code = u32::from(c);
    ((code >> 6) as usize, 1 << (code & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise;

    #[test]
    fn every_word_is_found_as_it_is_read() {
        for (effect, list) in WORDS {
            for word in list.split_whitespace().map(|word| word.replace('␣', " ")) {
                assert_eq!(normalise(&word).text, word, "a word must be in its normal form");
                let state = word.chars().fold(State::START, |state, c| words().next(state, c));
                assert!(
                    words().effects(state).any(|found| found == (word.chars().count(), *effect)),
                    "{word}"
                );
            }
        }
    }
}
