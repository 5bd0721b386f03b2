//! The kinds of personal data and secrets: their names, what is shown of a hit, what is done by default.

use terms::{Direction, Locale};

use crate::{Action, Category};

/// A kind of personal data, or of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalData {
    /// The 18-character number of a Chinese resident (GB 11643-1999), masked to its first 3 and last 4.
    ResidentId,
    /// A Chinese passport, masked to its first and last 3 characters. All but those that begin with E need a word such as
    /// `护照` before them.
    Passport,
    /// A travel permit for Hong Kong, Macao or Taiwan, masked like a passport. It needs a word such as `通行证` before it.
    TravelPermit,
    /// A mobile number of mainland China, with or without `86`, in digits or Chinese numerals, masked to its first 3 and
    /// last 4 digits.
    MobilePhone,
    /// A fixed telephone with its area code, of which the area code and the last 2 digits stay.
    Landline,
    /// A bank card (ISO/IEC 7812), masked to its first 4 and last 4 digits.
    BankCard,
    /// A unified social credit code (GB 32100-2015), masked to its first 2 and last 4 characters. Of a company it is
    /// public; of a sole trader it is personal.
    SocialCreditCode,
    /// An organisation code (GB 11714-1997) behind a word that says so, masked to its first 2 and last 2 characters.
    OrganisationCode,
    /// A number plate (GA 36-2018), masked to its first 2 and last 2 characters.
    NumberPlate,
    /// A mail address; the part before the `@` is masked to its first character.
    Email,
    /// A public IP address: of version 4 the last two numbers are masked, of version 6 all but the first two groups.
    IpAddress,
    /// A postal address down to the house; what follows the last city or district is masked.
    Address,
    /// A person's name behind a word that announces one, masked to its first character.
    Name,
    /// An API key of a known provider, or behind a word such as `api_key`.
    ApiKey,
    /// A JSON web token or a bearer token.
    Token,
    /// The body of a private key in PEM.
    PrivateKey,
    /// The password in `scheme://user:password@host`.
    ConnectionString,
    /// What stands behind `密码：` or `password=`.
    Password,
}

impl PersonalData {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::ResidentId,
        Self::Passport,
        Self::TravelPermit,
        Self::MobilePhone,
        Self::Landline,
        Self::BankCard,
        Self::SocialCreditCode,
        Self::OrganisationCode,
        Self::NumberPlate,
        Self::Email,
        Self::IpAddress,
        Self::Address,
        Self::Name,
        Self::ApiKey,
        Self::Token,
        Self::PrivateKey,
        Self::ConnectionString,
        Self::Password,
    ];

    /// The rule's name.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::ResidentId => "personal-data.resident-id",
            Self::Passport => "personal-data.passport",
            Self::TravelPermit => "personal-data.travel-permit",
            Self::MobilePhone => "personal-data.mobile-phone",
            Self::Landline => "personal-data.landline",
            Self::BankCard => "personal-data.bank-card",
            Self::SocialCreditCode => "personal-data.social-credit-code",
            Self::OrganisationCode => "personal-data.organisation-code",
            Self::NumberPlate => "personal-data.number-plate",
            Self::Email => "personal-data.email",
            Self::IpAddress => "personal-data.ip-address",
            Self::Address => "personal-data.address",
            Self::Name => "personal-data.name",
            Self::ApiKey => "secrets.api-key",
            Self::Token => "secrets.token",
            Self::PrivateKey => "secrets.private-key",
            Self::ConnectionString => "secrets.connection-string",
            Self::Password => "secrets.password",
        }
    }

    /// The kind with that rule name.
    #[must_use]
    pub fn from_rule(rule: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.rule() == rule)
    }

    /// What it is about.
    #[must_use]
    pub const fn category(self) -> Category {
        match self {
            Self::ApiKey | Self::Token | Self::PrivateKey | Self::ConnectionString | Self::Password => {
                Category::Secrets
            }
            _ => Category::PersonalData,
        }
    }

    /// What is done by default, where that is not what is done with its category.
    ///
    /// Codes of organisations are public for nearly all of them. A name or an address in an answer is far more often that
    /// of an author or a museum than that of a person who wants to be left alone, and a prompt loses its sense without
    /// the name in it.
    #[must_use]
    pub const fn default_action(self, direction: Direction) -> Option<Action> {
        match (self, direction) {
            (Self::SocialCreditCode | Self::OrganisationCode | Self::Name, _)
            | (Self::Address, Direction::Output) => Some(Action::Warn),
            _ => None,
        }
    }

    /// The word that stands for a value of this kind in a placeholder.
    #[must_use]
    pub const fn placeholder(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::ResidentId => ("身份证号", "ID"),
            Self::Passport => ("护照号", "PASSPORT"),
            Self::TravelPermit => ("通行证号", "PERMIT"),
            Self::MobilePhone => ("手机号", "PHONE"),
            Self::Landline => ("电话", "LANDLINE"),
            Self::BankCard => ("银行卡号", "CARD"),
            Self::SocialCreditCode => ("信用代码", "CREDIT_CODE"),
            Self::OrganisationCode => ("机构代码", "ORGANISATION_CODE"),
            Self::NumberPlate => ("车牌号", "PLATE"),
            Self::Email => ("邮箱", "EMAIL"),
            Self::IpAddress => ("IP地址", "IP"),
            Self::Address => ("住址", "ADDRESS"),
            Self::Name => ("姓名", "NAME"),
            Self::ApiKey => ("密钥", "KEY"),
            Self::Token => ("令牌", "TOKEN"),
            Self::PrivateKey => ("私钥", "PRIVATE_KEY"),
            Self::ConnectionString => ("连接密码", "CONNECTION_PASSWORD"),
            Self::Password => ("密码", "PASSWORD"),
        };
        match locale {
            Locale::ZhCn => zh,
            Locale::En => en,
        }
    }

    /// Whether every character of a hit counts for what is visible, and not its letters and digits alone.
    pub(super) fn counts_all(self) -> bool {
        self == Self::Email || self.category() == Category::Secrets
    }
}
