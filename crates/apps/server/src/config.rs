//! `cinnabar.toml`: every key, its default, and what refuses the start.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use gateway::Unjudged;
use identity::IdentityLevel;
use label::ProviderCode;
use operations::{AgreementRule, Mode};
use packs::PolicyLine;
use safety::Audience;
use serde::Deserialize;
use upstream::Proxy;

use crate::{
    network::Network,
    secret::{Secret, complaint},
    tls::TlsConfig,
};

/// The whole configuration. Unknown keys refuse the start.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `trial` (loopback only, for trying it out) or `service` (for the public).
    pub mode: ModeWord,
    /// The address to listen on.
    pub bind: SocketAddr,
    /// The address people and programs reach it at. Default: `http://` and the bound address.
    pub public_url: Option<String>,
    /// The folder for the database and the published log.
    pub data: PathBuf,
    /// The folder for the keys: outside `data`, in no backup of it.
    pub keys: PathBuf,
    /// `sqlite` (a file under `data`) or `postgres://…`.
    pub database: Secret,
    /// Proxies in front of it: whose word about the client's address counts, and who alone may connect with plain HTTP off
    /// loopback.
    pub trusted_proxies: Vec<Network>,
    /// TLS on the listener itself. Without it a proxy ends TLS.
    pub tls: Option<TlsConfig>,
    /// Who provides the service.
    pub provider: ProviderConfig,
    /// The model provider. Without `base_url`: the built-in demo model.
    pub upstream: UpstreamSection,
    /// What admission asks for.
    pub admit: AdmitConfig,
    /// The public log.
    pub ledger: LedgerConfig,
    /// Limits and times of the model-facing surface.
    pub limits: LimitsConfig,
    /// What the model provider gets of personal data.
    pub personal_data: PersonalDataConfig,
    /// The built-in demo model.
    pub demo: DemoConfig,
    /// Published promises: numbers of the pack's parameters that the operator sets, such as `"case.appeal.answer_limit" = 5`.
    pub promises: BTreeMap<String, u64>,
    /// Word lists of the operator's own: CSV files in the format of `packs/cn/lexicons`.
    pub lexicons: Vec<PathBuf>,
    /// What is done about hits, above the policy of the pack: rows in the format of `packs/cn/policy.yaml`.
    pub policy: Vec<PolicyLine>,
    /// Patterns of the operator's own: YAML files in the format of `packs/cn/patterns`.
    pub patterns: Vec<PathBuf>,
    /// The guard model that rows of the policy may ask.
    pub guard: GuardConfig,
    /// What the passage scorer does.
    pub classifier: ClassifierWord,
    /// Logging.
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: ModeWord::Trial,
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            data: "./cinnabar-data".into(),
            keys: "./cinnabar-keys".into(),
            database: Secret::new("sqlite"),
            trusted_proxies: Vec::new(),
            tls: None,
            provider: ProviderConfig::default(),
            upstream: UpstreamSection::default(),
            admit: AdmitConfig::default(),
            ledger: LedgerConfig::default(),
            limits: LimitsConfig::default(),
            personal_data: PersonalDataConfig::default(),
            demo: DemoConfig::default(),
            promises: BTreeMap::new(),
            lexicons: Vec::new(),
            policy: Vec::new(),
            patterns: Vec::new(),
            guard: GuardConfig::default(),
            classifier: ClassifierWord::Score,
            log: LogConfig::default(),
        }
    }
}

/// The word for [`Mode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeWord {
    /// For trying it out.
    Trial,
    /// For the public.
    Service,
}

impl From<ModeWord> for Mode {
    fn from(word: ModeWord) -> Self {
        match word {
            ModeWord::Trial => Self::Trial,
            ModeWord::Service => Self::Service,
        }
    }
}

/// Who provides the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// The 27-character provider code (GB 45438 `ContentProducer`). Service mode needs it; it is never invented.
    pub code: Option<String>,
    /// The name people know the provider by.
    pub name: Option<String>,
    /// A telephone number or mail address that works without this software.
    pub contact: Option<String>,
}

/// The model provider.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamSection {
    /// What it is called in logs and model lists.
    pub name: Option<String>,
    /// Its OpenAI-compatible endpoint, with the version: `http://127.0.0.1:11434/v1`.
    pub base_url: Option<String>,
    /// Sent as `Authorization: Bearer …`.
    pub api_key: Option<Secret>,
    /// The models on offer, the default one first. Empty: whatever a request names passes.
    pub models: Vec<String>,
    /// Where the provider calls a model otherwise: our name = its name.
    pub aliases: BTreeMap<String, String>,
    /// Time limits.
    pub timeouts: upstream::UpstreamTimeouts,
    /// Further headers for each request.
    pub headers: BTreeMap<String, Secret>,
    /// A PEM file of certificate authorities to trust instead of the built-in ones.
    pub ca_file: Option<PathBuf>,
    /// The proxy to go through, `http://host:port` or `http://user:password@host:port`. A provider on this machine is reached
    /// without it.
    pub proxy: Option<Secret>,
}

/// What admission asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmitConfig {
    /// The identity level that talking needs: `none`, `declared`, `phone`, `full`. Default: `none` in trial mode; service mode must
    /// say it.
    pub identity_level: Option<String>,
    /// Who must have accepted the agreement: `everyone`, or `own_pages`. Default: `own_pages` in trial mode, else `everyone`.
    pub agreement: Option<AgreementWord>,
    /// For whom the service is: `anyone`, or `minors`, where every text is judged as for a minor.
    pub audience: AudienceWord,
}

/// The word for the audience of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudienceWord {
    /// Whoever comes; a request may say that its end user is a minor.
    #[default]
    Anyone,
    /// Minors.
    Minors,
}

impl From<AudienceWord> for Audience {
    fn from(word: AudienceWord) -> Self {
        match word {
            AudienceWord::Anyone => Self::Adult,
            AudienceWord::Minors => Self::Minor,
        }
    }
}

/// What the passage scorer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassifierWord {
    /// Nothing.
    Off,
    /// It scores; text does not wait for it.
    Score,
    /// A passage of an answer leaves when it is scored.
    Gate,
}

/// The word for [`AgreementRule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementWord {
    /// Every end user.
    Everyone,
    /// People on our own pages.
    OwnPages,
}

/// The public log.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerConfig {
    /// The log's name, fixed when its key is made: a host and path of yours. Trial mode makes one up.
    pub origin: Option<String>,
    /// How often entries are integrated and a checkpoint is published, in milliseconds.
    pub publish_ms: u64,
    /// Writes that may wait for the ledger; past that requests get 503.
    pub queue_max: usize,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        // A proof within a second; 4,096 waiting writes are some ten seconds of a slow disk.
        Self { origin: None, publish_ms: 500, queue_max: 4096 }
    }
}

/// Limits and times of the model-facing surface.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Largest request body, in bytes.
    pub request_bytes_max: usize,
    /// Largest whole answer, in bytes.
    pub answer_bytes_max: usize,
    /// Largest event of a stream, in bytes.
    pub event_bytes_max: usize,
    /// Connections at once.
    pub connections_max: usize,
    /// How long shutdown waits for generations under way, in milliseconds.
    pub drain_ms: u64,
    /// Kept on the disk of a SQLite database for cases alone, in bytes: they are still saved when the disk is full.
    pub disk_reserve_bytes: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let gateway = gateway::Limits::default();
        Self {
            request_bytes_max: gateway.request_bytes_max,
            answer_bytes_max: gateway.answer_bytes_max,
            event_bytes_max: gateway.event_bytes_max,
            connections_max: 10_000,
            drain_ms: 30_000,
            // Some 2,000 cases of a page each, beside a write-ahead log that has grown to its full 4 MiB.
            disk_reserve_bytes: 16 * 1024 * 1024,
        }
    }
}

/// What the model provider gets of personal data.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonalDataConfig {
    /// What stands in a prompt in place of what is masked in it: `off` (asterisks), `keep` (a placeholder for each value, such as
    /// `[PHONE_1]`), `restore` (the same, and the answer says the values again).
    pub placeholders: PlaceholdersWord,
}

/// The word for [`gateway::Placeholders`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceholdersWord {
    /// Asterisks.
    #[default]
    Off,
    /// Placeholders.
    Keep,
    /// Placeholders, which the answer does not keep.
    Restore,
}

impl From<PlaceholdersWord> for gateway::Placeholders {
    fn from(word: PlaceholdersWord) -> Self {
        match word {
            PlaceholdersWord::Off => Self::Off,
            PlaceholdersWord::Keep => Self::Kept,
            PlaceholdersWord::Restore => Self::Restored,
        }
    }
}

/// The built-in demo model.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DemoConfig {
    /// How fast it speaks; 0 for as fast as it can.
    pub tokens_per_second: u32,
}

impl Default for DemoConfig {
    fn default() -> Self {
        Self { tokens_per_second: 40 }
    }
}

/// The guard model that rows of the policy may ask.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardConfig {
    /// What holds where a row says `ask-guard` and no guard judges: `pass`, `review` or `block`.
    pub absent: UnjudgedWord,
}

/// The word for [`Unjudged`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnjudgedWord {
    /// The text passes.
    Pass,
    /// It passes, and a person looks at it later.
    #[default]
    Review,
    /// It may not pass.
    Block,
}

impl From<UnjudgedWord> for Unjudged {
    fn from(word: UnjudgedWord) -> Self {
        match word {
            UnjudgedWord::Pass => Self::Pass,
            UnjudgedWord::Review => Self::Review,
            UnjudgedWord::Block => Self::Block,
        }
    }
}

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// What to log, as `tracing` filters are written: `info`, `cinnabar=debug`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Why the configuration refuses the start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("reading the configuration `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key that does not exist or holds another type.
    #[error("the configuration `{path}` cannot be used: {message}")]
    Parse {
        /// The file, or `the environment`.
        path: String,
        /// What is wrong, where.
        message: String,
    },
    /// A value that does not fit the others.
    #[error("`{key}`: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// SQLite moves its write-ahead log into the file at 1,000 pages of 4 KiB: so much may go to what was acknowledged before.
const DISK_RESERVE_BYTES_MIN: u64 = 8 * 1024 * 1024;

fn value(key: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Value { key, problem: problem.into() }
}

/// Variables that begin with `CINNABAR_` and are no keys of the configuration.
const NOT_KEYS: [&str; 5] = [
    "CINNABAR_CONFIG",
    "CINNABAR_PRINT",
    "CINNABAR_BIN",
    "CINNABAR_TEST_POSTGRES_URL",
    "CINNABAR_REQUIRE_POSTGRES",
];

impl Config {
    /// Reads `path` where it exists, lays the environment over it and checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key or the line.
    pub fn load(
        path: &Path,
        must_exist: bool,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => String::new(),
            Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
        };
        let parse = |error: toml::de::Error| ConfigError::Parse {
            path: path.display().to_string(),
            message: complaint(&error, &text),
        };
        let mut table: toml::Table = toml::from_str(&text).map_err(parse)?;
        // Checked alone first, so that the message names the line.
        toml::from_str::<Self>(&text).map_err(parse)?;
        for (name, text) in environment {
            if name.starts_with("CINNABAR_") && !NOT_KEYS.contains(&name.as_str()) {
                overlay(&mut table, &name, &text)?;
            }
        }
        let config: Self =
            toml::Value::Table(table).try_into().map_err(|error: toml::de::Error| ConfigError::Parse {
                path: "the environment (CINNABAR_…)".to_owned(),
                message: complaint(&error, ""),
            })?;
        config.check()?;
        Ok(config)
    }

    /// What the values must satisfy together (design 9.7, 9.8).
    fn check(&self) -> Result<(), ConfigError> {
        let is_loopback = self.bind.ip().is_loopback();
        match self.mode {
            ModeWord::Trial => {
                if !is_loopback {
                    return Err(value(
                        "bind",
                        "trial mode listens on loopback only; for the public set `mode = \"service\"`",
                    ));
                }
                if self.provider.code.is_some() {
                    return Err(value(
                        "provider.code",
                        "trial mode labels with the reserved value `TRIAL`; a real code needs `mode = \"service\"`",
                    ));
                }
            }
            ModeWord::Service => self.check_service(is_loopback)?,
        }
        if let Some(url) = &self.public_url {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#'])) || url.ends_with('/') {
                return Err(value(
                    "public_url",
                    "must be `https://host` (or `http://` on loopback), without a slash at its end",
                ));
            }
            if self.tls.is_some() && !url.starts_with("https://") {
                return Err(value("public_url", "with `tls` people reach it at an `https://` address"));
            }
        }
        self.identity_level()?;
        self.upstream_proxy()?;
        let database = self.database.expose();
        if database != "sqlite"
            && !database.starts_with("postgres://")
            && !database.starts_with("postgresql://")
        {
            return Err(value("database", "must be `sqlite` or `postgres://user:password@host/name`"));
        }
        if self.keys.starts_with(&self.data) {
            return Err(value(
                "keys",
                "the keys must lie outside `data`, so that no backup of the data holds them",
            ));
        }
        if self.ledger.publish_ms == 0 {
            return Err(value("ledger.publish_ms", "must be at least 1"));
        }
        if self.limits.disk_reserve_bytes < DISK_RESERVE_BYTES_MIN {
            return Err(value(
                "limits.disk_reserve_bytes",
                format!(
                    "must be at least {DISK_RESERVE_BYTES_MIN}: the database's own log takes half of that"
                ),
            ));
        }
        Ok(())
    }

    fn check_service(&self, is_loopback: bool) -> Result<(), ConfigError> {
        let code = self.provider.code.as_deref().ok_or_else(|| {
            value(
                "provider.code",
                "service mode needs your 27-character provider code (GB 45438); none is made up",
            )
        })?;
        let code = ProviderCode::parse(code).map_err(|error| value("provider.code", error.to_string()))?;
        if code.is_trial() {
            return Err(value("provider.code", "`TRIAL` is reserved for trial mode"));
        }
        if self.provider.name.is_none() || self.provider.contact.is_none() {
            return Err(value(
                "provider",
                "service mode needs `name` and `contact`: people must be able to reach you",
            ));
        }
        let url = self.public_url.as_deref().ok_or_else(|| {
            value(
                "public_url",
                "service mode needs the address people reach it at: links and labels carry it",
            )
        })?;
        if !is_loopback && !url.starts_with("https://") {
            return Err(value("public_url", "must be an `https://` address where `bind` is not loopback"));
        }
        if !is_loopback && self.tls.is_none() && self.trusted_proxies.is_empty() {
            return Err(value(
                "bind",
                "plain HTTP off loopback is refused: set `tls.cert` and `tls.key`, or end TLS in a proxy and name it in `trusted_proxies`",
            ));
        }
        if self.ledger.origin.is_none() {
            return Err(value(
                "ledger.origin",
                "service mode needs a name for its log, such as `ai.example.com/ledger`",
            ));
        }
        if self.admit.identity_level.is_none() {
            return Err(value(
                "admit.identity_level",
                "service mode must say how well users are known: `phone` or `full` (cn.ds.9), or `none` in so many words",
            ));
        }
        Ok(())
    }

    /// The proxy towards the upstream.
    ///
    /// # Errors
    /// For a text that is no address of a proxy.
    pub fn upstream_proxy(&self) -> Result<Option<Proxy>, ConfigError> {
        let proxy = self.upstream.proxy.as_ref().map(|proxy| Proxy::parse(proxy.expose())).transpose();
        proxy.map_err(|error| value("upstream.proxy", error.to_string()))
    }

    /// The identity level that talking needs.
    ///
    /// # Errors
    /// For a word that is no level.
    pub fn identity_level(&self) -> Result<IdentityLevel, ConfigError> {
        match &self.admit.identity_level {
            Some(word) => IdentityLevel::from_word(word).ok_or_else(|| {
                value(
                    "admit.identity_level",
                    format!("`{word}` is not `none`, `declared`, `phone` or `full`"),
                )
            }),
            None => Ok(IdentityLevel::None),
        }
    }

    /// Who must have accepted the agreement.
    #[must_use]
    pub fn agreement_rule(&self) -> AgreementRule {
        match (self.admit.agreement, self.mode) {
            (Some(AgreementWord::Everyone), _) | (None, ModeWord::Service) => AgreementRule::Everyone,
            (Some(AgreementWord::OwnPages), _) | (None, ModeWord::Trial) => AgreementRule::OwnPages,
        }
    }
}

/// Puts `CINNABAR_A__B=…` at `a.b`. What reads as a boolean, a number or a list is one.
fn overlay(table: &mut toml::Table, name: &str, text: &str) -> Result<(), ConfigError> {
    let path: Vec<String> =
        name.trim_start_matches("CINNABAR_").split("__").map(str::to_ascii_lowercase).collect();
    let parsed = toml::from_str::<toml::Table>(&format!("v = {text}"))
        .ok()
        .and_then(|mut table| table.remove("v"))
        .filter(|value| !value.is_str())
        .unwrap_or_else(|| toml::Value::String(text.to_owned()));
    let (last, above) = path.split_last().ok_or_else(|| value("CINNABAR_", "an empty name"))?;
    let mut at = table;
    for key in above {
        let entry = at.entry(key.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        at = entry.as_table_mut().ok_or_else(|| ConfigError::Parse {
            path: "the environment".to_owned(),
            message: format!("`{name}`: `{key}` is a value, not a section"),
        })?;
    }
    at.insert(last.clone(), parsed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cinnabar.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path, true, environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn without_anything_it_is_a_trial_on_loopback() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.mode, ModeWord::Trial);
        assert!(config.bind.ip().is_loopback());
        assert_eq!(config.agreement_rule(), AgreementRule::OwnPages);
    }

    #[test]
    fn unknown_keys_refuse_the_start_and_are_named() {
        let error = load("[upstream]\nbase_ulr = \"http://x/v1\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("base_ulr") && error.contains('2'), "{error}");
        let error = load("", &[("CINNABAR_UPSTREAM__BASE_ULR", "x")]).unwrap_err().to_string();
        assert!(error.contains("base_ulr"), "{error}");
    }

    #[test]
    fn proxies_and_certificates_are_read_and_mistakes_are_named() {
        let config = load("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]", &[]).unwrap();
        assert!(config.trusted_proxies[0].contains("10.9.9.9".parse().unwrap()));
        for (text, named) in [
            ("trusted_proxies = [\"proxy.internal\"]", "`proxy.internal`"),
            ("trusted_proxies = [\"10.0.0.1/8\"]", "`10.0.0.0/8`"),
            ("[tls]\ncert = \"c.pem\"", "`key`"),
            ("[tls]\ncert = \"c.pem\"\nkey = \"k.pem\"\npassphrase = \"x\"", "passphrase"),
            ("public_url = \"http://localhost\"\n[tls]\ncert = \"c.pem\"\nkey = \"k.pem\"", "public_url"),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
        load("[tls]\ncert = \"c.pem\"\nkey = \"k.pem\"", &[]).expect("a trial may try TLS on loopback");
    }

    #[test]
    fn a_wrong_proxy_is_named_and_its_password_is_not_shown() {
        let error = load("[upstream]\nproxy = \"https://lin:hush@proxy:3128\"", &[]).unwrap_err().to_string();
        assert!(error.contains("upstream.proxy") && !error.contains("hush"), "{error}");
        let config = load("[upstream]\nproxy = \"http://lin:hush@proxy:3128\"", &[]).unwrap();
        assert!(config.upstream_proxy().unwrap().is_some());
    }

    #[test]
    fn no_message_about_a_secret_shows_it() {
        for (text, line) in [
            ("[upstream]\napi_key = 4711471147114711", "line 2, at `api_key`"),
            ("[upstream]\napi_key = \"sk-4711", "line 2, at `api_key`"),
            ("[upstream]\napi_key = sk-4711", "line 2, at `api_key`"),
            ("[upstream]\napikey = \"sk-4711\"", "line 2, at `apikey`"),
            ("[upstream]\napi_key = [\"sk-4711\"]", "line 2, at `api_key`"),
            ("[upstream]\nheaders = \"x-key: 4711, expected\"", "line 2, at `headers`"),
            ("[upstream.headers]\nx-key = 4711", "line 2, at `x-key`"),
            ("[upstream]\nproxy = 4711", "line 2, at `proxy`"),
            ("\n\ndatabase = 4711", "line 3, at `database`"),
            ("upstream = \"4711\"", "line 1, at `upstream`"),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(error.contains(line) && !error.contains("4711"), "{text}: {error}");
        }
        let error = load("", &[("CINNABAR_UPSTREAM__HEADERS", "sk-4711")]).unwrap_err().to_string();
        assert!(error.contains("headers") && !error.contains("4711"), "{error}");
    }

    #[test]
    fn the_configuration_does_not_show_its_secrets() {
        let config = load(
            "database = \"postgres://lin:hush@db/c\"\n[upstream]\napi_key = \"hush\"\nproxy = \"http://lin:hush@proxy:1\"\nheaders = { x-key = \"hush\" }",
            &[],
        )
        .unwrap();
        assert!(!format!("{config:?}").contains("hush"), "{config:?}");
        assert_eq!(config.upstream.api_key.unwrap().expose(), "hush");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = load(
            "bind = \"127.0.0.1:1\"\n",
            &[("CINNABAR_BIND", "127.0.0.1:2"), ("CINNABAR_LEDGER__PUBLISH_MS", "9")],
        )
        .unwrap();
        assert_eq!(config.bind.port(), 2);
        assert_eq!(config.ledger.publish_ms, 9);
    }

    #[test]
    fn a_service_needs_what_the_law_needs() {
        let base = "mode = \"service\"\npublic_url = \"https://ai.example.com\"\n[provider]\ncode = \"001191110102MACQD9K64010000\"\nname = \"n\"\ncontact = \"c\"\n[ledger]\norigin = \"ai.example.com/ledger\"\n[admit]\nidentity_level = \"phone\"\n";
        load(base, &[]).unwrap();
        for (remove, key) in [
            ("code = \"001191110102MACQD9K64010000\"\n", "provider.code"),
            ("contact = \"c\"\n", "provider"),
            ("public_url = \"https://ai.example.com\"\n", "public_url"),
            ("origin = \"ai.example.com/ledger\"\n", "ledger.origin"),
            ("identity_level = \"phone\"\n", "admit.identity_level"),
        ] {
            let error = load(&base.replace(remove, ""), &[]).unwrap_err().to_string();
            assert!(error.contains(key), "{key}: {error}");
        }
        let off_loopback = ("CINNABAR_BIND", "0.0.0.0:80");
        let error = load(base, &[off_loopback]).unwrap_err().to_string();
        assert!(error.contains("TLS"), "{error}");
        load(base, &[off_loopback, ("CINNABAR_TRUSTED_PROXIES", "[\"10.0.0.1\"]")]).unwrap();
        let tls = [("CINNABAR_TLS__CERT", "c.pem"), ("CINNABAR_TLS__KEY", "k.pem")];
        load(base, &[off_loopback, tls[0], tls[1]]).unwrap();
        let plain = base.replace("https://ai.example.com", "http://ai.example.com");
        let error = load(&plain, &[off_loopback, tls[0], tls[1]]).unwrap_err().to_string();
        assert!(error.contains("public_url"), "{error}");
    }

    #[test]
    fn rows_of_the_policy_are_read_and_unknown_keys_are_named() {
        let row = "[[policy]]\ncategory = \"fraud\"\ndirection = \"input\"\nmeasure = \"block+review\"\n";
        assert_eq!(load(row, &[]).unwrap().policy[0].measure, "block+review");
        for (wrong, named) in [
            ("[[policy]]\ncategory = \"fraud\"\n", "measure"),
            ("[[policy]]\nmeasure = \"block\"\nwho = \"minor\"\n", "who"),
            ("[[policy]]\nmeasure = \"block\"\ndirection = \"up\"\n", "direction"),
        ] {
            let error = load(wrong, &[]).unwrap_err().to_string();
            assert!(error.contains(named), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_trial_does_not_leave_loopback_and_has_no_code() {
        assert!(load("bind = \"0.0.0.0:8080\"", &[]).is_err());
        assert!(load("[provider]\ncode = \"001191110102MACQD9K64010000\"", &[]).is_err());
        assert!(load("data = \"d\"\nkeys = \"d/k\"", &[]).is_err());
    }

    #[test]
    fn a_reserve_that_the_database_would_eat_is_refused() {
        let error = load("[limits]\ndisk_reserve_bytes = 1000000", &[]).unwrap_err().to_string();
        assert!(error.contains("limits.disk_reserve_bytes"), "{error}");
        load("[limits]\ndisk_reserve_bytes = 8388608", &[]).unwrap();
    }
}
