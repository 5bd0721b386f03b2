//! A load generator that prints one JSON line for each run.
//!
//! ```text
//! bench-loadgen chat HOST:PORT --body FILE --name NAME (--rate R | --connections C) [--seconds S] [--warm S]
//!                              [--header 'name: value']… [--pid PID] [--path /v1/chat/completions]
//! bench-loadgen streams HOST:PORT --body FILE --name NAME --connections C --pid PID [--seconds S] [--header …]…
//! bench-loadgen disk FOLDER [--seconds S]
//! ```
//!
//! With `--rate` requests leave on a schedule, whatever became of those before; time counts from the scheduled moment,
//! so that a server that stalls cannot hide it (no coordinated omission). With `--connections` each connection asks again
//! as soon as it has its answer. `streams` opens that many streams at once and tells what memory each costs the server.
//! `disk` measures the disk's own fdatasync.

mod client;
mod disk;
mod process;
mod report;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use client::{Client, Sample};
use process::Usage;
use report::{Report, Resources};
use settings::{Load, Settings};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else { bail!("say `chat`, `streams` or `disk`") };
    if command == "disk" {
        println!("{}", serde_json::to_string(&disk::measure(rest)?)?);
        return Ok(());
    }
    let settings = Settings::parse(rest)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let report = runtime.block_on(async {
        match command.as_str() {
            "chat" => chat(settings).await,
            "streams" => streams(settings).await,
            _ => bail!("unknown command `{command}`"),
        }
    })?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// Runs the warm-up unrecorded, then the load.
async fn chat(settings: Settings) -> Result<Report> {
    let settings = Arc::new(settings);
    if !settings.warm.is_zero() {
        load(&settings, settings.warm).await?;
    }
    let before = settings.pid.map(Usage::of).transpose()?;
    let began = Instant::now();
    let samples = load(&settings, settings.duration).await?;
    let elapsed = began.elapsed();
    let after = settings.pid.map(Usage::of).transpose()?;
    let resources = before.zip(after).map(|(before, after)| Resources::between(&before, &after));
    Ok(Report::new(&settings, elapsed, samples, resources))
}

async fn load(settings: &Arc<Settings>, duration: Duration) -> Result<Vec<Sample>> {
    match settings.load {
        Load::Rate(rate) => open_loop(settings, rate, duration).await,
        Load::Connections(connections) => closed_loop(settings, connections, duration).await,
    }
}

/// One request at each scheduled moment, each in a task of its own, over connections that are kept and reused.
async fn open_loop(settings: &Arc<Settings>, rate: f64, duration: Duration) -> Result<Vec<Sample>> {
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    let mut tasks = JoinSet::new();
    let began = Instant::now() + Duration::from_millis(10);
    let count = (rate * duration.as_secs_f64()) as u64;
    for n in 0..count {
        let scheduled = began + Duration::from_secs_f64(n as f64 / rate);
        sleep_until(scheduled).await;
        let (settings, idle) = (Arc::clone(settings), Arc::clone(&idle));
        tasks.spawn(async move {
            let kept = idle.lock().await.pop();
            let mut client = kept.unwrap_or_else(|| Client::new(settings.address));
            let sample = client.ask(&settings, scheduled).await;
            if client.is_open() {
                idle.lock().await.push(client);
            }
            sample
        });
    }
    Ok(tasks.join_all().await)
}

/// So many connections, each with one request under way at any time.
async fn closed_loop(
    settings: &Arc<Settings>,
    connections: usize,
    duration: Duration,
) -> Result<Vec<Sample>> {
    let end = Instant::now() + duration;
    let mut tasks = JoinSet::new();
    for _ in 0..connections {
        let settings = Arc::clone(settings);
        tasks.spawn(async move {
            let mut client = Client::new(settings.address);
            let mut samples = Vec::new();
            while Instant::now() < end {
                let sample = client.ask(&settings, Instant::now()).await;
                if sample.failed() {
                    // A server that refuses must not turn this loop into a busy one.
                    sleep(Duration::from_millis(5)).await;
                }
                samples.push(sample);
            }
            samples
        });
    }
    Ok(tasks.join_all().await.into_iter().flatten().collect())
}

/// Opens all streams, waits until each has its first token, and reads the server's memory before and during.
async fn streams(settings: Settings) -> Result<Report> {
    let Load::Connections(count) = settings.load else { bail!("`streams` needs --connections") };
    let Some(pid) = settings.pid else { bail!("`streams` needs --pid") };
    let settings = Arc::new(settings);
    let before = Usage::of(pid)?;
    let (began_sender, mut began) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for n in 0..count {
        let (settings, sender) = (Arc::clone(&settings), began_sender.clone());
        tasks.spawn(async move {
            Client::new(settings.address).hold(&settings, sender).await;
        });
        if n % 50 == 49 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    drop(began_sender);
    let deadline = Instant::now() + settings.duration + Duration::from_secs(20);
    let mut open = 0;
    while open < count && timeout_at(deadline, began.recv()).await.is_ok_and(|first| first.is_some()) {
        open += 1;
    }
    // Let each stream carry a few tokens: what a connection needs only once in motion counts too.
    sleep(settings.duration).await;
    let during = Usage::of(pid)?;
    let held = tasks.len();
    tasks.abort_all();
    Ok(Report::of_streams(&settings, open.min(held), &before, &during))
}
