//! The binary `cinnabar-provenance`: signs and reads C2PA manifests for the service, on a Unix socket.
//!
//! Exit codes: 0 its input ended, 2 misuse, 3 failure, 4 jobs that do not end hold every place.

use std::{
    io::{self, Read as _, Write as _},
    path::PathBuf,
    process::{ExitCode, exit},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::Context as _;
use clap::Parser;
use jiff::Timestamp;
use provenance_worker::{Engine, EngineConfig, JobLimits, Server, ServerLimits, StampsBy, bind};
use tracing_subscriber::EnvFilter;

/// Signs and reads C2PA manifests for Cinnabar. It answers one user's programs on a socket and opens no other port.
#[derive(Debug, Parser)]
#[command(name = "cinnabar-provenance", version, about)]
struct Args {
    /// Where to listen.
    #[arg(long, env = "PROVENANCE_SOCKET", default_value = "./cinnabar-data/provenance.sock")]
    socket: PathBuf,
    /// The folder of the generated keys and certificates.
    #[arg(long, env = "PROVENANCE_KEYS", default_value = "./cinnabar-keys/provenance")]
    keys: PathBuf,
    /// Whom the generated certificates name.
    #[arg(long, env = "PROVENANCE_ORGANISATION", default_value = "Cinnabar")]
    organisation: String,
    /// A certificate chain of your own in PEM, the signing certificate first.
    #[arg(long, env = "PROVENANCE_CERTIFICATES", requires = "private_key", value_name = "FILE")]
    certificates: Option<PathBuf>,
    /// The private key of that chain in PEM, PKCS #8.
    #[arg(long, env = "PROVENANCE_PRIVATE_KEY", requires = "certificates", value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// Who stamps times: `own`, `none`, or the URL of an RFC 3161 authority.
    #[arg(long, env = "PROVENANCE_TIME_STAMPS", default_value = "own", value_name = "WHO")]
    time_stamps: StampsBy,
    /// A public trust list: anchors in PEM. May be given several times.
    #[arg(long, env = "PROVENANCE_TRUST_LIST", value_delimiter = ',', value_name = "FILE")]
    trust_list: Vec<PathBuf>,
    /// Anchors of your own in PEM. May be given several times.
    #[arg(long, env = "PROVENANCE_ANCHORS", value_delimiter = ',', value_name = "FILE")]
    anchors: Vec<PathBuf>,
    /// The largest asset, in MiB.
    #[arg(long, env = "PROVENANCE_ASSET_MIB_MAX", default_value_t = 128)]
    asset_mib_max: u64,
    /// How many requests are worked on at once. Without it: one for each processor.
    #[arg(long, env = "PROVENANCE_AT_ONCE_MAX")]
    at_once_max: Option<usize>,
    /// How long a request may take, in seconds.
    #[arg(long, env = "PROVENANCE_SECONDS_MAX", default_value_t = 20)]
    seconds_max: u64,
    /// End when standard input ends: for a program that starts it as a child.
    #[arg(long)]
    until_input_ends: bool,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let filter =
        EnvFilter::try_from_env("PROVENANCE_LOG").unwrap_or_else(|_| EnvFilter::new("info,c2pa=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::from(3)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let config = EngineConfig {
        keys: args.keys.clone(),
        organisation: args.organisation.clone(),
        certificates: args.certificates.clone().zip(args.private_key.clone()),
        stamps: args.time_stamps.clone(),
        trust_lists: args.trust_list.clone(),
        anchors: args.anchors.clone(),
    };
    let engine = Engine::open(&config, Timestamp::now()).context("setting up certificates")?;
    let each_max = Duration::from_secs(args.seconds_max.max(1));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let limits = ServerLimits {
        body_bytes_max: args.asset_mib_max.saturating_mul(1024 * 1024),
        jobs: JobLimits { at_once_max: args.at_once_max.unwrap_or(processors), each_max },
    };
    let listener = bind(&args.socket).with_context(|| format!("listening on `{}`", args.socket.display()))?;
    if args.until_input_ends {
        thread::Builder::new().name("input".to_owned()).spawn(|| {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            exit(0);
        })?;
    }
    tracing::info!(socket = %args.socket.display(), "listening");
    writeln!(io::stdout(), "{}", provenance::READY).context("saying that it listens")?;
    Arc::new(Server::new(engine, limits)).serve(&listener, || {
        tracing::error!("jobs that do not end hold every place: this process ends, to be started anew");
        exit(4);
    })?;
    Ok(())
}
