use super::*;
use object_store::memory::InMemory;

fn folder() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open_folder(folder.path().join("made/when/opened")).unwrap();
    (folder, blobs)
}

async fn keeps_what_is_immutable(blobs: Blobs) {
    let path = "tile/0/x001/067.p/3";
    assert_eq!(blobs.get(path).await.unwrap(), None);
    assert_eq!(blobs.put_immutable(path, Bytes::from_static(b"abc")).await.unwrap(), Written::New);
    assert_eq!(blobs.put_immutable(path, Bytes::from_static(b"abc")).await.unwrap(), Written::Same);
    let refused = blobs.put_immutable(path, Bytes::from_static(b"abcd")).await;
    assert!(matches!(refused, Err(BlobError::Conflict { present: 3, given: 4, .. })));
    assert_eq!(blobs.get(path).await.unwrap().unwrap(), "abc");
    // A full tile lies beside the folder of its partial ones.
    assert_eq!(
        blobs.put_immutable("tile/0/x001/067", Bytes::from_static(b"full")).await.unwrap(),
        Written::New
    );
}

async fn replaces_what_follows(blobs: Blobs) {
    blobs.put_replace("checkpoint", Bytes::from_static(b"one")).await.unwrap();
    blobs.put_replace("checkpoint", Bytes::from_static(b"two")).await.unwrap();
    assert_eq!(blobs.get("checkpoint").await.unwrap().unwrap(), "two");
    assert!(matches!(blobs.get_at_most("checkpoint", 2).await, Err(BlobError::TooLong { bytes: 3, .. })));
    assert!(blobs.get_at_most("checkpoint", 3).await.unwrap().is_some());
}

#[tokio::test]
async fn a_folder_keeps_and_replaces() {
    let (_folder, blobs) = folder();
    keeps_what_is_immutable(blobs.clone()).await;
    replaces_what_follows(blobs).await;
}

#[tokio::test]
async fn an_object_store_keeps_and_replaces() {
    let blobs = Blobs::new(Arc::new(InMemory::new()));
    keeps_what_is_immutable(blobs.clone()).await;
    replaces_what_follows(blobs).await;
}

#[tokio::test]
async fn of_two_writers_one_wins_and_the_other_is_told() {
    let (_folder, blobs) = folder();
    let (a, b) = tokio::join!(
        blobs.put_immutable("tile/0/000", Bytes::from_static(b"aaaa")),
        blobs.put_immutable("tile/0/000", Bytes::from_static(b"bbbb")),
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

#[tokio::test]
async fn paths_stay_inside() {
    let (_folder, blobs) = folder();
    for wrong in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "a b", "a\0", "ü", &"a".repeat(513)]
    {
        assert!(matches!(blobs.get(wrong).await, Err(BlobError::Path(_))), "{wrong}");
        assert!(matches!(blobs.put_replace(wrong, Bytes::new()).await, Err(BlobError::Path(_))), "{wrong}");
    }
}

#[test]
fn a_file_in_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(Blobs::open_folder(&file).unwrap_err().to_string().contains("file"));
}

#[tokio::test]
async fn a_folder_is_listed_and_removed_alone() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open_folder(folder.path()).unwrap();
    for path in ["101/a.png", "101/b.wav", "102/c.png"] {
        blobs.put_immutable(path, Bytes::from_static(b"x")).await.unwrap();
    }
    assert_eq!(blobs.folders().await.unwrap(), ["101", "102"]);
    assert_eq!(blobs.remove_folder("101").await.unwrap(), 2);
    assert_eq!(blobs.get("101/a.png").await.unwrap(), None);
    assert_eq!(blobs.folders().await.unwrap(), ["102"]);
    assert!(blobs.get("102/c.png").await.unwrap().is_some());
    assert_eq!(blobs.remove_folder("103").await.unwrap(), 0);
    assert!(blobs.remove_folder("../102").await.is_err());
}
