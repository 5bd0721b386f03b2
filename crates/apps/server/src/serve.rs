//! [`serve`]: from a configuration to a service, and down again.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use ::http::{HeaderValue, header};
use anyhow::Context as _;
use axum::{Router, middleware::from_fn_with_state};
use gateway::{Gateway, Limits, Metrics, SecondStage};
use label::text::Placement;
use operations::{EndUserRule, Envelope, KeyRequest, Mode, Operations, Room, Settings};
use portal::ApiReference;
use prometheus::Registry;
use terms::ActorRole;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;
use upstream::{ApiKey, Upstream, UpstreamConfig, demo};

use crate::{
    Config, SystemClock, Use, figures, health,
    host::{self, PublicHost},
    http::{self, Listening},
    jobs, lease,
    network::{Admits, Peers},
    open, talk,
    tls::Tls,
};

/// What a started service tells whoever started it.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where people reach it.
    pub url: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The application key made at the very first start; shown this once.
    pub first_key: Option<String>,
    /// The link that makes the first operator account, while there is none.
    pub operator_invitation: Option<String>,
    /// In a trial, the link that makes a second account, a reviewer's, while there are fewer than two: the rules for two persons show
    /// with it (design 9.7).
    pub reviewer_invitation: Option<String>,
    /// The log's public key.
    pub log_key: String,
    /// The models on offer.
    pub models: Vec<String>,
    /// Trial or service.
    pub mode: Mode,
}

/// Runs the service until `stop`, then drains it. `on_ready` is called once it answers.
///
/// # Errors
/// Where it cannot start, with the reason; where it runs, it ends without one.
pub async fn serve(
    config: Config,
    stop: CancellationToken,
    on_ready: impl FnOnce(&Ready),
) -> anyhow::Result<()> {
    let registry = Registry::new();
    let tls = match config.tls.clone() {
        Some(files) => {
            let not_after = figures::certificate_end(&registry)?;
            Some(Tls::open(files, Arc::new(SystemClock), not_after).await.context("setting up TLS")?)
        }
        None => None,
    };
    let listener =
        TcpListener::bind(config.bind).await.with_context(|| format!("listening on `{}`", config.bind))?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
    let (upstream, demo) = upstream(&config).await?;
    let models = models(&config, &upstream);
    let opened = open(&config, &url, models.clone(), Use::Serve).await?;
    // From here on the database is ours alone.
    let started = Instant::now();
    // Cancelled by whoever started us, or where the database is lost to another process.
    let stop = stop.child_token();
    let lease_end = CancellationToken::new();
    let _lease_ends_with_us = lease_end.clone().drop_guard();
    let lease = opened.lease.clone().map(|lease| {
        let kept = tokio::spawn(lease::keep(Arc::clone(&lease), stop.clone(), lease_end.clone()));
        (lease, kept)
    });
    let operations = opened.operations.clone();
    let unrecovered = match jobs::recover(&operations, started).await {
        Ok(()) => None,
        // Cases are taken all the same.
        Err(_) if operations.room() != Room::Enough => Some(started),
        Err(error) => return Err(error.into()),
    };
    let limits = Limits {
        request_bytes_max: config.limits.request_bytes_max,
        answer_bytes_max: config.limits.answer_bytes_max,
        event_bytes_max: config.limits.event_bytes_max,
        ..Limits::default()
    };
    let second_stage = SecondStage { guard: None, unjudged: config.guard.absent.into() };
    let placeholders = config.personal_data.placeholders.into();
    let metrics = Metrics::register(&registry)?;
    let gateway = Gateway::with(operations.clone(), upstream, limits, metrics, second_stage, placeholders);
    let listening = Listening {
        connections_max: config.limits.connections_max,
        peers: Arc::new(peers(&config)),
        tls: tls.as_ref().map(Tls::acceptor),
        refused: figures::refused(&registry)?,
    };
    let router = router(&operations, &gateway, registry)?;
    let ready = ready(&operations, url, address, models).await?;
    let jobs_stop = CancellationToken::new();
    let log = tokio::spawn(jobs::log_rounds(
        operations.clone(),
        Duration::from_millis(config.ledger.publish_ms),
        jobs_stop.clone(),
    ));
    let room = tokio::spawn(jobs::room_checks(operations.clone(), unrecovered, jobs_stop.clone()));
    let deadlines = tokio::spawn(jobs::deadlines(operations.clone(), jobs_stop.clone()));
    let lexicon = tokio::spawn(jobs::lexicon(operations.clone(), jobs_stop.clone()));
    let media = tokio::spawn(jobs::media(operations.clone(), jobs_stop.clone()));
    let checkpoints = tokio::spawn(jobs::checkpoints(opened.store, jobs_stop.clone()));
    let certificate = tls.map(|tls| tokio::spawn(tls.follow(stop.clone())));
    on_ready(&ready);
    tracing::info!(url = %ready.url, log.size = opened.log_size, "serving");
    let graceful = http::serve(listener, router, listening, stop).await;
    // Down again: generations first, then connections, then the log, then the journal, and the lease when nothing writes any more.
    tracing::info!("stopping: waiting for generations under way");
    let grace = Duration::from_millis(config.limits.drain_ms);
    gateway.drain(grace).await;
    let _ = tokio::time::timeout(grace, graceful.shutdown()).await;
    jobs_stop.cancel();
    let _ = tokio::join!(log, room, deadlines, lexicon, media, checkpoints);
    if let Some(certificate) = certificate {
        let _ = certificate.await;
    }
    let journal = opened.journal;
    drop((gateway, operations, opened.operations, demo));
    if tokio::time::timeout(Duration::from_secs(5), journal).await.is_err() {
        tracing::warn!("the journal is still held; every acknowledged entry is durable");
    }
    lease_end.cancel();
    if let Some((lease, kept)) = lease {
        kept.await?.context("another process serves over the database")?;
        if let Err(error) = lease.release().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lease was not given back");
        }
    }
    Ok(())
}

/// The upstream that the configuration names, or the demo model behind a socket of its own.
async fn upstream(config: &Config) -> anyhow::Result<(Upstream, Option<demo::DemoServer>)> {
    let section = &config.upstream;
    let Some(base_url) = &section.base_url else {
        let server = demo::spawn(demo::DemoConfig {
            tokens_per_second: config.demo.tokens_per_second,
            ..demo::DemoConfig::default()
        })
        .await
        .context("starting the demo model")?;
        let mut upstream = server.upstream_config();
        upstream.timeouts = section.timeouts;
        return Ok((Upstream::new(upstream)?, Some(server)));
    };
    let mut upstream =
        UpstreamConfig::new(section.name.clone().unwrap_or_else(|| "upstream".to_owned()), base_url);
    upstream.api_key = section.api_key.as_ref().map(|key| ApiKey::new(key.expose()));
    upstream.timeouts = section.timeouts;
    upstream.headers =
        section.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())).collect();
    upstream.ca_file.clone_from(&section.ca_file);
    upstream.proxy = config.upstream_proxy()?;
    upstream.models = section.models.iter().map(|model| (model.clone(), model.clone())).collect();
    upstream.models.extend(section.aliases.clone());
    upstream.default_model = section.models.first().or(section.aliases.keys().next()).cloned();
    Ok((Upstream::new(upstream)?, None))
}

fn models(config: &Config, upstream: &Upstream) -> Vec<String> {
    let mut models = config.upstream.models.clone();
    for name in upstream.config().models.keys().chain(&upstream.config().default_model) {
        if !models.contains(name) {
            models.push(name.clone());
        }
    }
    models
}

fn router(operations: &Operations, gateway: &Gateway, registry: Registry) -> anyhow::Result<Router> {
    let pages = portal::router(portal::PortalState {
        operations: operations.clone(),
        talk: talk::talk(gateway.clone()),
        reference: Arc::new(ApiReference::parse(&api::openapi_json())?),
    });
    let router = Router::new()
        .merge(gateway.router())
        .merge(api::router(operations.clone()))
        .merge(health::router(operations.clone(), registry)?)
        .merge(pages);
    let settings = operations.settings();
    let router = match settings.mode {
        Mode::Trial => {
            router.layer(from_fn_with_state(PublicHost::of(&settings.public_url), host::refuse_others))
        }
        Mode::Service => router,
    };
    Ok(match transport_security(settings) {
        Some(value) => {
            router.layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, value))
        }
        None => router,
    })
}

/// Browsers that came once by https do not come by http again (RFC 6797). For a service alone: a trial on `localhost` would bind
/// every other program that is tried there.
fn transport_security(settings: &Settings) -> Option<HeaderValue> {
    let is_https = settings.public_url.starts_with("https://");
    (settings.mode == Mode::Service && is_https).then(|| HeaderValue::from_static("max-age=31536000"))
}

/// Who may connect. Plain HTTP off loopback is for the proxies alone that end TLS (design 9.8).
fn peers(config: &Config) -> Peers {
    let is_plain = config.tls.is_none() && !config.bind.ip().is_loopback();
    let admits = if is_plain { Admits::TrustedProxies } else { Admits::Everybody };
    Peers { admits, trusted: config.trusted_proxies.clone() }
}

/// What the first start makes: a key, and the way to the first operator account.
async fn ready(
    operations: &Operations,
    url: String,
    address: SocketAddr,
    models: Vec<String>,
) -> anyhow::Result<Ready> {
    let mode = operations.settings().mode;
    // On a full disk neither can be made; the next start shows them.
    let has_room = operations.room() == Room::Enough;
    let first_key = if has_room && mode == Mode::Trial && !operations.has_keys().await? {
        let request = KeyRequest {
            name: "first key".to_owned(),
            end_user: EndUserRule::Optional,
            placement: Placement::Suffix,
            envelope: Envelope::Both,
        };
        Some(operations.key_create_on_machine(request).await?.secret)
    } else {
        None
    };
    let operators = operations.operator_count().await?;
    let operator_invitation = match operators {
        0 if has_room => Some(operations.invite_operator_at_start(ActorRole::Administrator).await?.url),
        _ => None,
    };
    let reviewer_invitation = match (mode, operators) {
        (Mode::Trial, 0 | 1) if has_room => {
            Some(operations.invite_operator_at_start(ActorRole::Reviewer).await?.url)
        }
        _ => None,
    };
    Ok(Ready {
        url,
        address,
        first_key,
        operator_invitation,
        reviewer_invitation,
        log_key: operations.log_public_key(),
        models,
        mode,
    })
}

#[cfg(test)]
mod tests;
