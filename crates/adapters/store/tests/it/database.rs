//! A database of its own for each test, and the macro that runs a test on both engines.

use store::{OpenOptions, Store, Target};

/// An empty, migrated database.
pub(crate) struct TestDatabase {
    pub(crate) store: Store,
    pub(crate) target: Target,
    folder: Option<tempfile::TempDir>,
    server: Option<testkit::postgres::Database>,
}

impl TestDatabase {
    pub(crate) async fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Sqlite { path: folder.path().join("data").join("test.sqlite") };
        Some(Self::open(target, Some(folder), None).await)
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let server = testkit::postgres::server()?.database().await;
        let target = Target::Postgres { url: server.url.clone() };
        Some(Self::open(target, None, Some(server)).await)
    }

    async fn open(
        target: Target,
        folder: Option<tempfile::TempDir>,
        server: Option<testkit::postgres::Database>,
    ) -> Self {
        let store = Store::open(&target).await.unwrap();
        store.migrate().await.unwrap();
        Self { store, target, folder, server }
    }

    /// A second store on the same database.
    pub(crate) async fn again(&self, options: &OpenOptions) -> Store {
        Store::open_with(&self.target, options).await.unwrap()
    }

    /// Runs a script behind the store's back.
    pub(crate) async fn script(&self, sql: &'static str) {
        use sqlx::Connection as _;
        match &self.target {
            Target::Sqlite { path } => {
                let url = format!("sqlite://{}", path.display());
                let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
            Target::Postgres { url } => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }
    }

    pub(crate) async fn end(self) {
        self.store.close().await;
        drop((self.folder, self.server));
    }
}

/// Makes two tests of each function, `name::sqlite` and `name::postgres`.
macro_rules! on_both_engines {
    ($($(#[doc = $doc:literal])* async fn $name:ident($db:ident) $body:block)+) => {$(
        async fn $name($db: &$crate::database::TestDatabase) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let Some(db) = $crate::database::TestDatabase::sqlite().await else { return };
                super::$name(&db).await;
                db.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(db) = $crate::database::TestDatabase::postgres().await else { return };
                super::$name(&db).await;
                db.end().await;
            }
        }
    )+};
}
pub(crate) use on_both_engines;
