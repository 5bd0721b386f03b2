//! Migrations.

use store::StoreError;

use crate::database::on_both_engines;

on_both_engines! {
    async fn migrating_twice_changes_nothing(db) {
        db.store.migrate().await.unwrap();
        let again = db.again(&store::OpenOptions::default()).await;
        let (one, two) = tokio::join!(again.migrate(), db.store.migrate());
        one.unwrap();
        two.unwrap();
        db.store.ping().await.unwrap();
        again.close().await;
    }

    async fn a_migration_of_a_newer_program_is_refused(db) {
        db.script("INSERT INTO schema_migration (number, name, hash, applied_at) VALUES (9999, 'future', 'x', 0)").await;
        let error = db.store.migrate().await.unwrap_err();
        assert!(matches!(&error, StoreError::UnknownMigration { number: 9999, name } if name == "future"), "{error:?}");
        assert!(error.to_string().contains("9999 `future`"));
    }

    async fn an_altered_migration_is_refused(db) {
        db.script("UPDATE schema_migration SET hash = 'other' WHERE number = 1").await;
        let error = db.store.migrate().await.unwrap_err();
        assert!(matches!(error, StoreError::AlteredMigration { number: 1, .. }), "{error:?}");
        // The refusal left no transaction behind.
        db.store.begin().await.unwrap().commit().await.unwrap();
    }
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}
