//! A PostgreSQL server for tests, and an empty database for each of them.
//!
//! The server is the one that `CINNABAR_TEST_POSTGRES_URL` names, or one started from the installed programs: in a folder of
//! its own, on a socket in that folder, once per test process. A small shell process stands between: it holds the other
//! end of a pipe and stops the server and removes the folder when the test process ends, however it ends.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Names a server to use instead of starting one. Its user must be allowed to create databases.
pub const URL_VARIABLE: &str = "CINNABAR_TEST_POSTGRES_URL";
/// Set to `1`, tests fail where there is no PostgreSQL instead of being skipped.
pub const REQUIRE_VARIABLE: &str = "CINNABAR_REQUIRE_POSTGRES";

/// A running server.
#[derive(Debug)]
pub struct Server {
    base: String,
    query: String,
    /// Closing it stops the server; it lives as long as the process.
    _lifeline: Option<ChildStdin>,
}

/// An empty database, dropped with this value where the server outlives the test process.
#[derive(Debug)]
pub struct Database {
    /// Where it is.
    pub url: String,
    drop_on: Option<(String, String)>,
}

/// The server of this test process, started at the first call. `None` (said loudly) where there is no PostgreSQL.
///
/// # Panics
/// Where there is none and `CINNABAR_REQUIRE_POSTGRES=1`, or where it does not start.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var(URL_VARIABLE) {
        Ok(url) => Some(Server::named(&url)),
        Err(_) => find_programs().map(|programs| Server::start(&programs)),
    });
    if server.is_none() {
        assert!(
            std::env::var(REQUIRE_VARIABLE).as_deref() != Ok("1"),
            "no PostgreSQL: install it (apt-get install postgresql) or set {URL_VARIABLE}"
        );
        skipped();
    }
    server.as_ref()
}

impl Server {
    /// Makes an empty database for one test.
    ///
    /// # Panics
    /// Where the server refuses.
    pub async fn database(&self) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cinnabar_test_{}_{number}_{nanos}", std::process::id());
        let admin = self.url("postgres");
        run(&admin, format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        let drop_on = self._lifeline.is_none().then(|| (admin, name.clone()));
        Database { url: self.url(&name), drop_on }
    }

    fn url(&self, database: &str) -> String {
        format!("{}/{database}{}", self.base, self.query)
    }

    /// A server that somebody else runs.
    fn named(url: &str) -> Self {
        let (front, query) = url.split_once('?').map_or((url, String::new()), |(f, q)| (f, format!("?{q}")));
        let authority = front.find("://").map_or(0, |at| at.saturating_add(3));
        let end =
            front.get(authority..).and_then(|rest| rest.find('/')).map_or(front.len(), |at| authority + at);
        Self { base: front.get(..end).unwrap_or(front).to_owned(), query, _lifeline: None }
    }

    fn start(programs: &Path) -> Self {
        let folder = match tempfile::Builder::new().prefix("cinnabar-postgres-").tempdir() {
            // The shell process removes it.
            Ok(folder) => folder.keep(),
            Err(error) => panic!("make a folder for PostgreSQL: {error}"),
        };
        let user = unprivileged_user();
        if let Some(user) = &user {
            check(Command::new("chown").arg(user).arg(&folder), "hand the folder to an unprivileged user");
        }
        let data = folder.join("data");
        check(
            as_user(user.as_deref(), &programs.join("initdb"))
                .arg("-D")
                .arg(&data)
                .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
                .current_dir(&folder),
            "run initdb",
        );

        // Arguments arrive as $0 (the server), $1 (its data), $2 (the folder). `cat` ends when the pipe closes; stderr is the
        // server's alone, so that its end is seen. A signal to the whole group ends `cat` and leaves the shell to clean up.
        let script = r#"
            "$0" -D "$1" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 \
                -c shared_buffers=32MB -c log_min_messages=error -c log_destination=stderr </dev/null &
            server=$!
            exec 2>/dev/null
            trap : HUP INT TERM
            cat >/dev/null
            kill -QUIT "$server" 2>/dev/null
            wait "$server"
            cd / && rm -rf "$2"
        "#;
        let started = as_user(user.as_deref(), Path::new("sh"))
            .arg("-c")
            .arg(script)
            .arg(programs.join("postgres"))
            .arg(&data)
            .arg(&folder)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut shell: Child = match started {
            Ok(shell) => shell,
            Err(error) => panic!("start PostgreSQL: {error}"),
        };
        await_ready(&mut shell);
        Self {
            base: "postgres://postgres@localhost".to_owned(),
            query: format!("?host={}", folder.display()),
            _lifeline: shell.stdin.take(),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((admin, name)) = self.drop_on.take() else { return };
        // A runtime of its own on a thread of its own: this may run inside a test's runtime, which must not block on itself.
        let dropping = std::thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(run(&admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
            }
        });
        let _ = dropping.join();
    }
}

/// Runs one statement on a connection of its own.
async fn run(url: &str, sql: String) {
    let result = async {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await?;
        connection.close().await
    }
    .await;
    if let Err(error) = result {
        panic!("run `{sql}` on the test server: {error}");
    }
}

/// Waits for the line that PostgreSQL writes when it takes connections, then keeps reading so that it never blocks.
fn await_ready(shell: &mut Child) {
    let Some(stderr) = shell.stderr.take() else { panic!("PostgreSQL has no stderr") };
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let mut said = String::new();
    for line in lines.by_ref() {
        if line.contains("ready to accept connections") {
            std::thread::spawn(move || lines.for_each(drop));
            return;
        }
        said.push_str(&line);
        said.push('\n');
    }
    panic!("PostgreSQL ended before it was ready:\n{said}");
}

/// The folder of the newest installed `postgres` and `initdb`.
fn find_programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .map(|(_, path)| path)
        .chain(std::env::split_paths(&in_path))
        .find(|path| path.join("initdb").is_file() && path.join("postgres").is_file())
}

/// PostgreSQL refuses to run as root; then it runs as its own user where there is one, else as nobody.
fn unprivileged_user() -> Option<String> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if id(&["-u"]).as_deref() != Some("0") {
        return None;
    }
    let user = if id(&["-u", "postgres"]).is_some() { "postgres" } else { "nobody" };
    Some(user.to_owned())
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    match user {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        }
    }
}

fn check(command: &mut Command, doing: &str) {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{doing}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{doing}: {error}"),
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn skipped() {
    eprintln!("skipped: no PostgreSQL (install it or set {URL_VARIABLE})");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() {
        let Some(server) = server() else { return };
        let (one, two) = (server.database().await, server.database().await);
        assert_ne!(one.url, two.url);
        run(&one.url, "CREATE TABLE thing (id BIGINT)".to_owned()).await;
        run(&two.url, "CREATE TABLE thing (id BIGINT)".to_owned()).await;
    }

    #[test]
    fn a_named_server_keeps_its_options() {
        let server = Server::named("postgres://u:p@host:5433/old?sslmode=disable");
        assert_eq!(server.url("new"), "postgres://u:p@host:5433/new?sslmode=disable");
        assert_eq!(Server::named("postgres://host").url("x"), "postgres://host/x");
    }
}
