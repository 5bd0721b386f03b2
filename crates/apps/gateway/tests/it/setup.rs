//! A gateway over its own database, in front of a provider that follows a script.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::Response};
use gateway::{Gateway, Limits, Metrics, Placeholders, SecondStage};
use http::Request;
use http_body_util::BodyExt as _;
use label::text::Placement;
use operations::{EndUserRule, Envelope, KeyRequest, Operations, Settings};
use packs::PolicyLine;
use serde_json::Value;
use store::Target;
use terms::{Actor, ActorRole, OperatorId, ProduceId};
use testkit::{
    clock::FakeClock,
    fake_upstream::{Act, FakeUpstream},
    service,
};
use tower::ServiceExt as _;
use upstream::{Upstream, UpstreamConfig, UpstreamTimeouts};

/// Long enough for a loaded machine; nothing waits for it unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Site {
    pub(crate) operations: Operations,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) provider: FakeUpstream,
    pub(crate) gateway: Gateway,
    pub(crate) router: Router,
    /// `Bearer …` of a key whose requests may name an end user.
    pub(crate) key: String,
    pub(crate) database: PathBuf,
    _folder: tempfile::TempDir,
}

impl Site {
    pub(crate) async fn new(script: Vec<Act>) -> Self {
        Self::with(script, service::trial_settings(), Limits::default()).await
    }

    pub(crate) async fn with(script: Vec<Act>, settings: Settings, limits: Limits) -> Self {
        Self::of(script, settings, limits, &[], SecondStage::default(), Placeholders::Off).await
    }

    pub(crate) async fn with_placeholders(
        script: Vec<Act>,
        settings: Settings,
        limits: Limits,
        placeholders: Placeholders,
    ) -> Self {
        Self::of(script, settings, limits, &[], SecondStage::default(), placeholders).await
    }

    /// With rows of the operator's, and a guard.
    pub(crate) async fn by_policy(
        script: Vec<Act>,
        settings: Settings,
        limits: Limits,
        policy: &[PolicyLine],
        second_stage: SecondStage,
    ) -> Self {
        Self::of(script, settings, limits, policy, second_stage, Placeholders::Off).await
    }

    async fn of(
        script: Vec<Act>,
        settings: Settings,
        limits: Limits,
        policy: &[PolicyLine],
        second_stage: SecondStage,
        placeholders: Placeholders,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("test.db");
        let target = Target::Sqlite { path: database.clone() };
        let (operations, clock) =
            service::operations_by_policy(folder.path(), &target, settings, policy).await;
        let provider = FakeUpstream::start(script).await;
        let mut config = UpstreamConfig::new("fake", provider.url.clone());
        config.default_model = Some("test-model".to_owned());
        config.models.insert("test-model".to_owned(), "their-model".to_owned());
        config.timeouts =
            UpstreamTimeouts { connect_ms: 2_000, first_byte_ms: 1_500, idle_ms: 700, total_ms: 20_000 };
        let metrics = Metrics::register(&prometheus::Registry::new()).unwrap();
        let upstream = Upstream::new(config).unwrap();
        let gateway =
            Gateway::with(operations.clone(), upstream, limits, metrics, second_stage, placeholders);
        let mut site = Self {
            router: gateway.router(),
            gateway,
            operations,
            clock,
            provider,
            key: String::new(),
            database,
            _folder: folder,
        };
        site.key = site.new_key(EndUserRule::Optional, Placement::Suffix, Envelope::Both).await;
        site
    }

    pub(crate) async fn new_key(
        &self,
        end_user: EndUserRule,
        placement: Placement,
        envelope: Envelope,
    ) -> String {
        let request = KeyRequest { name: "test".to_owned(), end_user, placement, envelope };
        format!("Bearer {}", self.operations.key_create_on_machine(request).await.unwrap().secret)
    }

    /// Posts to the chat route with `key`.
    pub(crate) async fn post(&self, key: &str, body: impl Into<String>) -> Answer {
        Answer::read(self.open(key, body).await).await
    }

    /// The same with further headers.
    pub(crate) async fn post_with(&self, headers: &[(&str, &str)], body: Value) -> Answer {
        let mut request = Request::post("/v1/chat/completions").header("authorization", &self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// The same, with the body still to come.
    pub(crate) async fn open(&self, key: &str, body: impl Into<String>) -> Response {
        let request = Request::post("/v1/chat/completions")
            .header("authorization", key)
            .body(Body::from(body.into()))
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn chat(&self, body: Value) -> Answer {
        self.post(&self.key, body.to_string()).await
    }

    /// Waits until the generation has ended and gives the reason and what became of the label.
    pub(crate) async fn ended(&self, produce_id: ProduceId) -> (String, String) {
        let waiting = async {
            loop {
                let query = operations::VerifyQuery::ProduceId(produce_id);
                let found = self.operations.verify(query).await.unwrap();
                if let Some(generation) = found.generation
                    && let (Some(reason), Some(label)) = (generation.end_reason, generation.label)
                {
                    return (reason, label);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the end is recorded")
    }
}

/// Somebody at the provider.
pub(crate) fn operator(number: u128) -> Actor {
    Actor::Operator(OperatorId::from_u128(number), ActorRole::Administrator)
}

pub(crate) fn produce_id(response: &Response) -> ProduceId {
    response.headers()["x-cinnabar-produce-id"].to_str().unwrap().parse().unwrap()
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes =
            tokio::time::timeout(PATIENCE, body.collect()).await.expect("it ends").unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn produce_id(&self) -> ProduceId {
        self.header("x-cinnabar-produce-id").parse().unwrap()
    }

    /// The error's code.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The chunks of a stream, without `[DONE]`.
    pub(crate) fn chunks(&self) -> Vec<Value> {
        self.text
            .split("\n\n")
            .filter_map(|frame| frame.strip_prefix("data: "))
            .filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}")))
            .collect()
    }

    /// The answer's text, of a stream.
    pub(crate) fn content(&self) -> String {
        self.chunks()
            .iter()
            .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned))
            .collect()
    }
}
