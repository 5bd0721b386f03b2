//! One connection, and what it saw of one answer.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, timeout};

use crate::settings::Settings;

/// Past this an answer counts as lost.
const ANSWER_MAX: Duration = Duration::from_secs(60);
const STAMP: &[u8] = b"\"mock_sent_us\":";

/// What became of one request. Times are microseconds from the scheduled moment.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) status: u16,
    pub(crate) error: Option<String>,
    pub(crate) first_byte_us: u32,
    pub(crate) total_us: u32,
    pub(crate) bytes: u64,
    pub(crate) events: u32,
    /// Between one piece of a stream and the next.
    pub(crate) gaps_us: Vec<u32>,
    /// From the moment the upstream made a token to its arrival here.
    pub(crate) forward_us: Vec<u32>,
}

impl Sample {
    pub(crate) fn failed(&self) -> bool {
        self.error.is_some() || self.status != 200
    }
}

/// A connection, opened when it is first needed and again after it broke.
pub(crate) struct Client {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.sender.as_ref().is_some_and(|sender| !sender.is_closed())
    }

    /// Asks once and reads the whole answer.
    pub(crate) async fn ask(&mut self, settings: &Settings, scheduled: Instant) -> Sample {
        let mut sample = Sample::default();
        let outcome = timeout(ANSWER_MAX, self.exchange(settings, scheduled, &mut sample)).await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => sample.error = Some(format!("{error:#}")),
            Err(_) => sample.error = Some("no answer in time".to_owned()),
        }
        if sample.error.is_some() {
            self.sender = None;
        }
        sample.total_us = micros(scheduled.elapsed());
        sample
    }

    /// Asks once, says when the first piece has come, and reads on until it is stopped.
    pub(crate) async fn hold(&mut self, settings: &Settings, first: UnboundedSender<()>) {
        let Ok(response) = self.send(settings).await else { return };
        if response.status() != 200 {
            return;
        }
        let mut body = response.into_body();
        let mut said = false;
        while let Some(Ok(_)) = body.frame().await {
            if !std::mem::replace(&mut said, true) && first.send(()).is_err() {
                return;
            }
        }
    }

    async fn exchange(&mut self, settings: &Settings, scheduled: Instant, sample: &mut Sample) -> Result<()> {
        let response = self.send(settings).await?;
        sample.status = response.status().as_u16();
        let mut body = response.into_body();
        let mut last: Option<Instant> = None;
        let mut scanner = Scanner::default();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.context("reading the answer")?.into_data() else { continue };
            let now = Instant::now();
            match last {
                None => sample.first_byte_us = micros(now.duration_since(scheduled)),
                Some(last) => sample.gaps_us.push(micros(now.duration_since(last))),
            }
            last = Some(now);
            sample.bytes += data.len() as u64;
            scanner.read(&data, sample);
        }
        Ok(())
    }

    async fn send(&mut self, settings: &Settings) -> Result<Response<Incoming>> {
        if !self.is_open() {
            let socket = TcpStream::connect(self.address).await.context("connecting")?;
            socket.set_nodelay(true)?;
            let (sender, connection) =
                http1::handshake(TokioIo::new(socket)).await.context("opening HTTP")?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().context("no connection")?;
        sender.ready().await.context("waiting for the connection")?;
        let mut request = Request::post(settings.path.as_str()).body(Full::new(settings.body.clone()))?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::try_from(self.address.to_string())?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &settings.headers {
            headers.insert(name.clone(), value.clone());
        }
        sender.send_request(request).await.context("asking")
    }
}

/// Counts events and reads the time stamps in them. Both may be cut by the border of two pieces; what is cut is counted
/// by its end (events) or left out (stamps).
#[derive(Default)]
struct Scanner {
    ends_in_newline: bool,
}

impl Scanner {
    fn read(&mut self, data: &[u8], sample: &mut Sample) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
        let split = u32::from(self.ends_in_newline && data.first() == Some(&b'\n'));
        sample.events += split + memmem::find_iter(data, b"\n\n").count() as u32;
        self.ends_in_newline = data.last() == Some(&b'\n') && !data.ends_with(b"\n\n");
        for at in memmem::find_iter(data, STAMP) {
            let digits = data.get(at + STAMP.len()..).unwrap_or(&[]);
            let end = digits.iter().position(|byte| !byte.is_ascii_digit());
            let stamp = end.and_then(|end| std::str::from_utf8(digits.get(..end)?).ok()?.parse::<u64>().ok());
            if let Some(stamp) = stamp {
                sample.forward_us.push(u32::try_from(now.saturating_sub(stamp)).unwrap_or(u32::MAX));
            }
        }
    }
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
