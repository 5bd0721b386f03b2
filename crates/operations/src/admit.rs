//! Admission: may this subject do this now? Answered from memory; a subject seen for the first time costs one read.

use std::sync::Arc;

use identity::IdentityLevel;
use label::text::Placement;
use safety::Audience;
use sha2::{Digest as _, Sha256};
use store::{ApplicationKeyRow, SubjectRow};
use terms::{ApplicationKeyId, Locale, SubjectId};

use crate::{AgreementRule, Mode, OperationError, Operations, Refusal};

/// Longest end-user name an application may send, in bytes: OpenAI's `safety_identifier` is at most 64, mail addresses 254.
pub(crate) const END_USER_BYTES_MAX: usize = 256;

/// Whether a request must name its end user (`safety_identifier` or `user`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndUserRule {
    /// A request without a name is refused.
    Required,
    /// A request without a name counts as the key's owner.
    Optional,
    /// Every request counts as the key's owner.
    Owner,
}

/// Where the machine-readable label travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// In the body and in the headers.
    Both,
    /// In the headers alone.
    Headers,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ }) => {
        impl $type {
            /// The word in configuration, pages and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value with that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(EndUserRule { Required = "required", Optional = "optional", Owner = "owner" });
words!(Envelope { Both = "both", Headers = "headers" });

/// An application's key, as admission needs it.
#[derive(Debug, Clone)]
pub struct ApplicationKey {
    /// Its id.
    pub key_id: ApplicationKeyId,
    /// What the operator called it.
    pub name: String,
    /// Whether requests name their end user.
    pub end_user: EndUserRule,
    /// Where the visible label of text goes.
    pub placement: Placement,
    /// Where the machine-readable label travels.
    pub envelope: Envelope,
    /// Whom a request without an end user counts as.
    pub owner: SubjectId,
}

impl ApplicationKey {
    pub(crate) fn from_row(row: &ApplicationKeyRow) -> Result<Self, OperationError> {
        let unknown = |column: &'static str| {
            OperationError::internal("reading an application key")(
                format!("unknown word in `{column}`").into(),
            )
        };
        Ok(Self {
            key_id: row.key_id,
            name: row.name.clone(),
            end_user: EndUserRule::from_word(&row.end_user).ok_or_else(|| unknown("end_user"))?,
            placement: Placement::from_word(&row.placement).ok_or_else(|| unknown("placement"))?,
            envelope: Envelope::from_word(&row.envelope).ok_or_else(|| unknown("envelope"))?,
            owner: row.owner_subject_id,
        })
    }
}

/// A person, as admission needs them.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Their id, which stands nowhere outside the store.
    pub subject_id: SubjectId,
    /// The keyed index of the name they go by.
    pub index: [u8; 32],
    /// How well we know who they are.
    pub level: IdentityLevel,
    /// The hash of the agreement they accepted last.
    pub agreement: Option<[u8; 32]>,
}

impl Subject {
    pub(crate) fn from_row(row: &SubjectRow) -> Result<Self, OperationError> {
        Ok(Self {
            subject_id: row.subject_id,
            index: row.subject_index,
            level: IdentityLevel::from_word(&row.level).ok_or_else(|| {
                OperationError::internal("reading a subject")(format!("unknown level `{}`", row.level).into())
            })?,
            agreement: row.agreement_hash,
        })
    }
}

/// Who may go on, on whose account.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The key the request came with; none on our own pages.
    pub key: Option<Arc<ApplicationKey>>,
    /// The person.
    pub subject: Arc<Subject>,
    /// The end user's name as the application sent it, for the pseudonym towards the upstream.
    pub end_user: Option<String>,
    /// For whom texts are: decides what the policy does about a hit.
    pub audience: Audience,
}

impl Admitted {
    /// The same for a stricter audience, where `claimed` is one. A claim never loosens anything: it comes with the request.
    #[must_use]
    pub fn for_audience(mut self, claimed: Option<Audience>) -> Self {
        if let Some(claimed) = claimed {
            self.audience = self.audience.stricter(claimed);
        }
        self
    }

    /// Where the visible label goes for this request.
    #[must_use]
    pub fn placement(&self) -> Placement {
        self.key.as_ref().map_or(Placement::Suffix, |key| key.placement)
    }

    /// Where the machine-readable label travels for this request.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        self.key.as_ref().map_or(Envelope::Both, |key| key.envelope)
    }
}

impl Operations {
    /// The key of an `Authorization: Bearer …` header.
    ///
    /// # Errors
    /// A 401 refusal where the header is missing or names no key in force.
    pub fn authenticate_key(&self, authorization: Option<&str>) -> Result<Arc<ApplicationKey>, Refusal> {
        let secret = authorization
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, secret)| secret.trim())
            .ok_or_else(|| {
                Refusal::new(
                    401,
                    "missing_api_key",
                    "no application key was given: send `Authorization: Bearer ck-…`",
                    "请求没有携带应用密钥：请使用 `Authorization: Bearer ck-…`",
                )
            })?;
        let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        self.inner.memory.keys.load().get(&hash).cloned().ok_or_else(|| {
            Refusal::new(
                401,
                "invalid_api_key",
                "the application key is unknown or was revoked: create one in the console under Keys",
                "应用密钥无效或已被吊销：请在工作台的“应用密钥”页面创建新的密钥",
            )
        })
    }

    /// Admits a request that came with `key`, for the end user it names.
    ///
    /// # Errors
    /// [`OperationError::Refused`] with the rule and the page to go to; [`OperationError::Unavailable`] where the person is not in
    /// memory and the store does not answer, and while the disk is full.
    pub async fn admit(
        &self,
        key: Arc<ApplicationKey>,
        end_user: Option<&str>,
    ) -> Result<Admitted, OperationError> {
        self.refuse_without_room()?;
        let end_user = end_user.map(str::trim).filter(|name| !name.is_empty());
        let named = match (key.end_user, end_user) {
            (EndUserRule::Required, None) => {
                return Err(Refusal::new(
                    400,
                    "end_user_required",
                    "this key must name its end user: set `safety_identifier` (or `user`) in the request",
                    "该密钥要求标明终端用户：请在请求中填写 `safety_identifier`（或 `user`）",
                )
                .by_rule("cn.ds.9")
                .into());
            }
            (EndUserRule::Owner, _) | (_, None) => None,
            (_, Some(name)) if name.len() > END_USER_BYTES_MAX => {
                return Err(Refusal::new(
                    400,
                    "end_user_too_long",
                    format!(
                        "`safety_identifier` has {} bytes; at most {END_USER_BYTES_MAX} are taken",
                        name.len()
                    ),
                    format!(
                        "`safety_identifier` 长度为 {} 字节，上限为 {END_USER_BYTES_MAX} 字节",
                        name.len()
                    ),
                )
                .into());
            }
            (_, Some(name)) => Some(name),
        };
        let subject = match named {
            None => self.subject_by_id(key.owner).await?,
            Some(name) => self.subject_of_end_user(name).await?,
        };
        // The owner of a key is the application's own account: identity and agreement bind the people behind it.
        if named.is_some() {
            self.admit_subject(&subject, self.inner.settings.admit.agreement == AgreementRule::Everyone)?;
        } else {
            self.refuse_suspended(&subject)?;
        }
        let audience = self.audience_of(&subject);
        Ok(Admitted { key: Some(key), subject, end_user: named.map(str::to_owned), audience })
    }

    /// Admits a person on our own pages.
    ///
    /// # Errors
    /// As [`Operations::admit`].
    pub async fn admit_person(&self, subject: SubjectId) -> Result<Admitted, OperationError> {
        self.refuse_without_room()?;
        let subject = self.subject_by_id(subject).await?;
        self.admit_subject(&subject, true)?;
        let audience = self.audience_of(&subject);
        Ok(Admitted { key: None, end_user: Some(subject.subject_id.to_string()), subject, audience })
    }

    /// What is known of a person's age is what the deployment is for: identities come with no date of birth in this version.
    fn audience_of(&self, subject: &Subject) -> Audience {
        match (self.inner.settings.admit.audience, subject.level) {
            (Audience::Adult, IdentityLevel::Full) => Audience::Verified,
            (audience, _) => audience,
        }
    }

    fn admit_subject(&self, subject: &Subject, agreement: bool) -> Result<(), Refusal> {
        self.refuse_suspended(subject)?;
        let needed = self.inner.settings.admit.identity_level;
        if subject.level < needed {
            return Err(Refusal::new(
                403,
                "identity_required",
                format!(
                    "this use needs the identity level `{}`; the person has `{}`",
                    needed.as_str(),
                    subject.level.as_str()
                ),
                format!(
                    "使用本服务所需的认证等级为“{}”，目前为“{}”",
                    level_zh(needed),
                    level_zh(subject.level)
                ),
            )
            .by_rule("cn.ds.9")
            .go_to(self.inner.settings.url("/rules#identity")));
        }
        if agreement && subject.agreement != Some(self.agreement_hash()) {
            return Err(Refusal::new(
                403,
                "agreement_required",
                "the person has not accepted the service agreement in force",
                "使用者尚未同意现行服务协议",
            )
            .by_rule("cn.genai.9")
            .go_to(self.inner.settings.url("/agreement")));
        }
        Ok(())
    }

    fn refuse_suspended(&self, subject: &Subject) -> Result<(), Refusal> {
        let Some(penalty) = self.inner.memory.suspension(subject.subject_id, self.now()) else {
            return Ok(());
        };
        let until = |locale| penalty.ends_at.map(|at| self.local_time(at, locale));
        let until_en = until(Locale::En).unwrap_or_else(|| "further notice".to_owned());
        let until_zh = until(Locale::ZhCn)
            .map_or_else(|| "服务已暂停，直至另行通知".to_owned(), |end| format!("服务已暂停至{end}"));
        Err(Refusal::new(
            403,
            "suspended",
            format!(
                "use is suspended until {until_en} by decision {}; it can be appealed",
                penalty.decision_id
            ),
            format!("{until_zh}。决定编号：{}，可以申诉", penalty.decision_id),
        )
        .by_rule("cn.genai.14.2")
        .go_to(self.appeal_url(penalty.decision_id)))
    }

    /// The person with this id, from memory or the store.
    pub(crate) async fn subject_by_id(&self, id: SubjectId) -> Result<Arc<Subject>, OperationError> {
        if let Some(subject) = self.inner.memory.people.get(&id) {
            return Ok(subject);
        }
        let changes = self.inner.memory.people_changes();
        let row =
            self.inner.store.subject_lookup(id).await?.ok_or(OperationError::NotFound { what: "person" })?;
        let subject = Arc::new(Subject::from_row(&row)?);
        self.inner.memory.subject_remember(&subject, changes);
        Ok(subject)
    }

    /// The person an application names, made known where this is the first time.
    pub(crate) async fn subject_of_end_user(&self, name: &str) -> Result<Arc<Subject>, OperationError> {
        let index = self.subject_index("end_user", name);
        if let Some(subject) = self.inner.memory.subjects.get(&index) {
            return Ok(subject);
        }
        let changes = self.inner.memory.people_changes();
        let row = match self.inner.store.subject_lookup_by_index(&index).await? {
            Some(row) => row,
            None => self.subject_create("end_user", index).await?,
        };
        let subject = Arc::new(Subject::from_row(&row)?);
        self.inner.memory.subject_remember(&subject, changes);
        Ok(subject)
    }

    pub(crate) fn subject_index(&self, kind: &str, name: &str) -> [u8; 32] {
        self.inner.vault.index(&format!("subject {} {kind}", self.inner.settings.tenant), name.as_bytes())
    }

    /// What the upstream called `upstream` sees instead of an end user's name: stable, and of no use elsewhere (design 9.11).
    #[must_use]
    pub fn pseudonym(&self, upstream: &str, name: &str) -> String {
        self.inner.vault.pseudonym(upstream, name)
    }

    /// Makes a person known. Where another request was faster, theirs is returned.
    pub(crate) async fn subject_create(
        &self,
        kind: &str,
        index: [u8; 32],
    ) -> Result<SubjectRow, OperationError> {
        let now = self.now();
        let level = match self.inner.settings.mode {
            Mode::Trial if kind == "trial" => IdentityLevel::Declared,
            Mode::Trial | Mode::Service => IdentityLevel::None,
        };
        let row = SubjectRow {
            subject_id: SubjectId::generate(now, self.entropy()),
            tenant_id: self.inner.settings.tenant,
            subject_index: index,
            kind: kind.to_owned(),
            level: level.as_str().to_owned(),
            level_method: None,
            level_at: None,
            agreement_hash: None,
            agreement_at: None,
            created_at: now,
        };
        let mut tx = self.tx().await?;
        let row = tx.subject_upsert(&row).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// The level as Chinese pages call it.
const fn level_zh(level: IdentityLevel) -> &'static str {
    match level {
        IdentityLevel::None => "未认证",
        IdentityLevel::Declared => "自行申报",
        IdentityLevel::Phone => "手机号核验",
        IdentityLevel::Full => "实名核验",
    }
}
