//! Files in memory: their names, their kinds, and what there is of them.

use futures::TryStreamExt as _;

use super::keep::{Part, part};
use super::*;
use crate::auth::proofs::{MASTER, READ_ONLY};
use crate::auth::{Caller, Master};
use crate::fault::Code;
use crate::guard::{Uploaders, upload};
use crate::plan::Upload;

fn files() -> Files {
    let kinds = Kinds { allowed: vec!["*".to_owned()], denied: vec!["html".to_owned(), "svg".to_owned()] };
    Files::open(Options { place: Place::Memory, max_bytes: 10, kinds }).unwrap()
}

/// The name under which a file is kept, without the random digits, or the number of the refusal.
async fn kept(files: &Files, caller: &Caller, name: &str, content_type: &str, content: &str) -> Result<String, i32> {
    let plan = Upload {
        name: name.to_owned(),
        content_type: Some(content_type.to_owned()).filter(|given| !given.is_empty()),
        content: content.to_owned().into(),
    };
    let admitted = upload(caller, plan, Uploaders::EVERYBODY).map_err(|fault| fault.code().number())?;
    let name = files.keep(admitted).await.map_err(|fault| fault.code().number())?;
    let (random, given) = name.split_once('_').unwrap();
    assert!(random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    Ok(given.to_owned())
}

#[tokio::test]
async fn a_name_is_plain_and_has_an_extension() {
    let long = "a".repeat(128);
    let too_long = "a".repeat(129);
    let cases: &[(&str, &str, Result<&str, i32>)] = &[
        ("a.txt", "text/plain", Ok("a.txt")),
        ("notes", "text/plain", Ok("notes.txt")),
        ("picture", "image/png", Ok("picture.png")),
        ("photo", "image/jpeg", Ok("photo.jpg")),
        ("notes", "Text/Plain; charset=utf-8", Ok("notes.txt")),
        ("notes", "", Ok("notes")),
        ("notes", "made/up", Ok("notes")),
        ("a.b-c_1.txt", "image/png", Ok("a.b-c_1.txt")),
        ("my file~1 @2x.png", "image/png", Ok("my file~1 @2x.png")),
        ("C:\\docs\\a.txt", "", Ok("a.txt")),
        ("../../etc/passwd", "", Ok("passwd")),
        ("a.", "text/plain", Ok("a.")),
        (&long, "", Ok(&long)),
        (&too_long, "", Err(122)),
        ("", "text/plain", Err(122)),
        (".", "", Err(122)),
        ("..", "", Err(122)),
        (".htaccess", "", Err(122)),
        ("docs/", "", Err(122)),
        ("ä.txt", "", Err(122)),
        ("a\r\nb.txt", "", Err(122)),
        ("a\0.txt", "", Err(122)),
        ("a%2e.txt", "", Err(122)),
        ("a\".txt", "", Err(122)),
    ];
    let files = files();
    for (name, content_type, expected) in cases {
        let found = kept(&files, &Caller::Anonymous, name, content_type, "x").await;
        assert_eq!(found, expected.map(str::to_owned), "{name:?} {content_type:?}");
    }
}

#[tokio::test]
async fn what_could_act_in_a_browser_is_refused_however_it_is_spelled() {
    let files = files();
    for (name, content_type) in [
        ("a.html", "text/plain"),
        ("a.HTML", ""),
        ("a.html.", ""),
        ("a.html. .", ""),
        ("a.svg ", ""),
        ("a", "text/html"),
        ("a", "text/html;;"),
        ("a", "text/html; charset=utf-8"),
        ("a", "image/svg+xml"),
    ] {
        let found = kept(&files, &Caller::Anonymous, name, content_type, "x").await;
        assert_eq!(found, Err(130), "{name:?} {content_type:?}");
        let master = Caller::Master(Master::Full(MASTER), None);
        assert!(kept(&files, &master, name, content_type, "x").await.is_ok(), "{name:?}");
    }
    let only = Kinds { allowed: vec!["png".to_owned()], denied: Vec::new() };
    let files = Files::open(Options { place: Place::Memory, max_bytes: 10, kinds: only }).unwrap();
    for (name, expected) in [("a.png", Ok("a.png")), ("a.txt", Err(130)), ("a", Err(130))] {
        let found = kept(&files, &Caller::Anonymous, name, "", "x").await;
        assert_eq!(found, expected.map(str::to_owned), "{name}");
    }
}

#[tokio::test]
async fn a_file_has_content_but_not_too_much() {
    let files = files();
    for (content, expected) in [("", Err(130)), ("0123456789", Ok("a.txt")), ("0123456789x", Err(129))] {
        let found = kept(&files, &Caller::Anonymous, "a.txt", "", content).await;
        assert_eq!(found, expected.map(str::to_owned), "{content}");
    }
}

#[tokio::test]
async fn a_setting_says_who_may_upload_and_the_read_only_key_never_may() {
    let plan = || Upload { name: "a".to_owned(), content_type: None, content: "x".into() };
    let code = |caller: &Caller, uploaders| upload(caller, plan(), uploaders).err().map(|fault| fault.code());
    assert_eq!(code(&Caller::Anonymous, Uploaders::USERS), Some(Code::FileSaveError));
    assert_eq!(code(&Caller::Anonymous, Uploaders::EVERYBODY), None);
    let nobody = Uploaders { public: false, anonymous: false, users: false };
    assert_eq!(code(&Caller::Master(Master::Full(MASTER), None), nobody), None);
    let read_only = Caller::Master(Master::ReadOnly(READ_ONLY), None);
    assert_eq!(code(&read_only, Uploaders::EVERYBODY), Some(Code::OperationForbidden));
}

#[test]
fn the_extension_says_what_a_browser_may_do() {
    for (name, content_type, inert) in [
        ("a.txt", "text/plain; charset=utf-8", true),
        ("a.TXT", "text/plain; charset=utf-8", true),
        ("a.json", "application/json; charset=utf-8", true),
        ("a.png", "image/png", true),
        ("a.mp3", "audio/mpeg", true),
        ("a.mp4", "video/mp4", true),
        ("a.pdf", "application/pdf", false),
        ("a.zip", "application/zip", false),
        ("a.svg", "application/octet-stream", false),
        ("a.html", "application/octet-stream", false),
        ("a.html.", "application/octet-stream", false),
        ("a.xhtml", "application/octet-stream", false),
        ("a.xml", "application/octet-stream", false),
        ("a.js", "application/octet-stream", false),
        ("a.mjs", "application/octet-stream", false),
        ("a.css", "application/octet-stream", false),
        ("a.swf", "application/octet-stream", false),
        ("a.unheard-of", "application/octet-stream", false),
        ("a", "application/octet-stream", false),
        ("txt", "application/octet-stream", false),
    ] {
        let kind = Kind::of(name);
        assert_eq!((kind.content_type().as_str(), kind.is_inert()), (content_type, inert), "{name}");
    }
}

async fn read(files: &Files, name: &str, wanted: Wanted) -> String {
    match files.find(name, &wanted).await.unwrap() {
        None => "none".to_owned(),
        Some(Found::Unchanged(_)) => "unchanged".to_owned(),
        Some(Found::NoSuchPart(size)) => format!("not in {size}"),
        Some(Found::Content(download)) => {
            let Download { size, range, content, .. } = download;
            let chunks: Vec<_> = content.try_collect().await.unwrap();
            format!("{} {range:?} of {size}", String::from_utf8(chunks.concat()).unwrap())
        }
    }
}

#[tokio::test]
async fn a_file_is_read_whole_or_in_part() {
    let files = files();
    let plan = Upload { name: "a.txt".to_owned(), content_type: None, content: "0123456789".into() };
    let admitted = upload(&Caller::Anonymous, plan, Uploaders::EVERYBODY).unwrap();
    let name = files.keep(admitted).await.unwrap();
    let Some(Found::Content(download)) = files.find(&name, &Wanted::default()).await.unwrap() else {
        panic!("the file is there")
    };
    let tag = download.tag.clone();
    assert_eq!((download.name.as_str(), download.kind), ("a.txt", Kind::of("a.txt")));

    let some = |text: &str| Some(text.to_owned());
    let range = |text: &str| Wanted { range: some(text), ..Wanted::default() };
    let cases = [
        (Wanted::default(), "0123456789 0..10 of 10"),
        (Wanted { head: true, ..Wanted::default() }, " 0..10 of 10"),
        (range("bytes=2-4"), "234 2..5 of 10"),
        (range("bytes=-3"), "789 7..10 of 10"),
        (range("bytes=20-"), "not in 10"),
        (range("bytes=0-1,3-4"), "0123456789 0..10 of 10"),
        (Wanted { unless: some(&tag), ..Wanted::default() }, "unchanged"),
        (Wanted { unless: some(&format!("\"x\", W/{tag}")), ..Wanted::default() }, "unchanged"),
        (Wanted { unless: some("\"x\""), ..Wanted::default() }, "0123456789 0..10 of 10"),
        (Wanted { range_if: some("\"x\""), ..range("bytes=2-4") }, "0123456789 0..10 of 10"),
        (Wanted { range_if: some(&tag), ..range("bytes=2-4") }, "234 2..5 of 10"),
    ];
    for (wanted, expected) in cases {
        let shown = format!("{wanted:?}");
        assert_eq!(read(&files, &name, wanted).await, expected, "{shown}");
    }

    files.take_back([name.clone()]).await;
    for name in [name.as_str(), "", ".", "..", "../a", "a/b", "a\\b", "\0", &"a".repeat(201)] {
        assert_eq!(read(&files, name, range("bytes=0-")).await, "none", "{name:?}");
        assert_eq!(read(&files, name, Wanted::default()).await, "none", "{name:?}");
    }
}

#[test]
fn a_part_is_within_the_file_or_missing() {
    for (text, size, expected) in [
        ("bytes=0-0", 10, Part::Bytes(0..1)),
        ("bytes=0-", 10, Part::Bytes(0..10)),
        ("bytes=9-99999999999999999999999", 10, Part::Bytes(9..10)),
        ("bytes=-99", 10, Part::Bytes(0..10)),
        ("bytes=-0", 10, Part::Missing),
        ("bytes=10-", 10, Part::Missing),
        ("bytes=10-12", 10, Part::Missing),
        ("bytes=99999999999999999999999-", 10, Part::Missing),
        ("bytes=0-0", 0, Part::Missing),
        ("bytes=9-1", 10, Part::Unclear),
        ("bytes=-", 10, Part::Unclear),
        ("bytes=", 10, Part::Unclear),
        ("bytes=--1", 10, Part::Unclear),
        ("bytes=+1-2", 10, Part::Unclear),
        ("bytes=a-b", 10, Part::Unclear),
        ("items=0-1", 10, Part::Unclear),
    ] {
        assert_eq!(part(text, size), expected, "{text}");
    }
}
