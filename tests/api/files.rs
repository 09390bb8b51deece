//! Files are uploaded with a request, belong to objects, and are downloaded by whoever has their address.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use super::harness::{Answer, Client, Database, File, Server, on_both_databases};

on_both_databases![
    a_file_is_uploaded_linked_and_downloaded,
    an_upload_belongs_to_the_object_that_it_came_with,
    a_refused_object_leaves_no_file_behind,
    a_setting_says_who_may_upload,
    names_sizes_and_kinds_have_limits,
    a_file_cannot_act_in_the_name_of_the_server,
    a_file_is_downloaded_in_parts_and_once,
    what_is_no_file_is_not_found,
    files_are_kept_in_a_bucket,
    a_file_for_no_variable_is_bad_input,
];

const HELLO: File<'_> =
    File { place: "variables.upload", name: "hello.txt", content_type: "text/plain", content: b"hello, file" };

const CREATE: &str = "mutation ($fields: CreatePictureFieldsInput) {
    createPicture(input: {fields: $fields}) { picture { id file { name url } other { name url } } }
}";

async fn start(database: &Database) -> Server {
    let server = Server::start(database).await;
    server.create_class("Picture", &[("file", "File"), ("other", "File")]).await;
    server
}

async fn download(client: &Client, url: &str) -> Answer {
    Answer::of(client.request_at(Method::GET, url)).await
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let value = headers.get(name.parse::<HeaderName>().unwrap());
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

/// The names of the files that are kept, without their random digits.
fn kept(database: &Database) -> Vec<String> {
    let entries = std::fs::read_dir(database.data_dir().join("files")).unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<_> =
        entries.map(|entry| name(&entry.unwrap().path()).split_once('_').unwrap().1.to_owned()).collect();
    names.sort();
    names
}

async fn a_file_is_uploaded_linked_and_downloaded(database: &Database) {
    let server = start(database).await;
    let anybody = server.anonymous();
    let (name, url) = anybody.create_file(&HELLO).await;
    assert!(name.ends_with("_hello.txt"), "{name}");
    assert_eq!(url, format!("{}/files/app/{name}", server.origin()));

    let nobody = server.caller(&[]);
    let answer = download(&nobody, &url).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello, file"));
    assert_eq!(header(&answer.headers, "content-type"), "text/plain; charset=utf-8");

    let both = json!({"name": name, "url": url});
    for file in [
        json!(name),
        json!({"__type": "File", "name": name}),
        json!({"__type": "File", "name": name, "url": "http://elsewhere/x"}),
    ] {
        let fields = json!({"fields": {"file": {"file": file}}});
        let answer = anybody.query(CREATE, fields).await;
        assert_eq!(answer.data("createPicture.picture.file"), &both);
        assert_eq!(answer.data("createPicture.picture.other"), &Value::Null);
    }
    for file in [json!({}), json!({"upload": null}), json!({"file": null}), json!({"file": ""})] {
        let answer = anybody.query(CREATE, json!({"fields": {"file": file}})).await;
        assert_eq!(answer.code(), 130, "{file}");
    }
    let stored = database.texts("SELECT \"file\" FROM \"Picture\"").await;
    assert_eq!(stored, vec![Some(name); 3]);
}

async fn an_upload_belongs_to_the_object_that_it_came_with(database: &Database) {
    let server = start(database).await;
    let anybody = server.anonymous();
    let variables = json!({"fields": {"file": {"upload": null}, "other": {"upload": null}}});
    let files = [
        File { place: "variables.fields.file.upload", name: "a.txt", ..HELLO },
        File { place: "variables.fields.other.upload", name: "b", content: b"other", ..HELLO },
    ];
    let answer = anybody.upload(CREATE, variables, &files).await;
    let (id, url) = (answer.text("createPicture.picture.id"), answer.text("createPicture.picture.file.url"));
    assert!(answer.text("createPicture.picture.other.name").ends_with("_b.txt"));
    assert_eq!(download(&anybody, &url).await.body, "hello, file");

    let update = "mutation ($id: ID!, $upload: Upload) {
        updatePicture(input: {id: $id, fields: {file: {file: \"x\", upload: $upload}}}) { picture { file { url } } }
    }";
    let new = File { content: b"new", ..HELLO };
    let answer = anybody.upload(update, json!({"id": id, "upload": null}), &[new]).await;
    let new_url = answer.text("updatePicture.picture.file.url");
    assert_eq!(download(&anybody, &new_url).await.body, "new");
    assert_eq!(download(&anybody, &url).await.body, "hello, file");
}

async fn a_refused_object_leaves_no_file_behind(database: &Database) {
    let server = start(database).await;
    let closed = json!({"get": {"public": true}, "find": {"public": true}});
    server.set_permissions("Picture", closed).await;
    let upload = File { place: "variables.fields.file.upload", ..HELLO };
    let variables = json!({"fields": {"file": {"upload": null}}});
    let answer = server.anonymous().upload(CREATE, variables.clone(), &[upload]).await;
    assert_eq!(answer.code(), 119);
    assert_eq!(kept(database), Vec::<String>::new());

    // One file of two is refused, and so neither is kept.
    let other = File { place: "variables.fields.other.upload", name: "a.html", ..HELLO };
    let variables = json!({"fields": {"file": {"upload": null}, "other": {"upload": null}}});
    let answer = server.anonymous().upload(CREATE, variables, &[upload, other]).await;
    assert_eq!(answer.code(), 130);
    assert_eq!(kept(database), Vec::<String>::new());

    server.master().create_file(&HELLO).await;
    assert_eq!(kept(database), ["hello.txt"]);
}

async fn a_setting_says_who_may_upload(database: &Database) {
    let by_default = Server::options(database).without("--class-defaults");
    let server = by_default.clone().start().await;
    let alice = server.sign_up("alice").await;
    let anne = server.sign_up("anne").await;
    let sql = "UPDATE \"_User\" SET \"authData\" = '{\"anonymous\": {\"id\": \"1\"}}'
        WHERE \"username\" = 'anne' RETURNING \"objectId\"";
    assert_eq!(database.texts(sql).await, [Some(anne.object_id.clone())]);

    let codes = async |server: &Server| {
        let callers =
            [server.anonymous(), server.user(&anne), server.user(&alice), server.master(), server.read_only_master()];
        let mut codes = Vec::new();
        for caller in callers {
            codes.push(caller.try_create_file(&HELLO).await.codes().pop().unwrap_or_default());
        }
        Value::from(codes)
    };
    assert_eq!(codes(&server).await, json!([130, 130, null, null, 119]));
    drop(server);
    for (uploaders, expected) in [
        ("public,anonymous,users", json!([null, null, null, null, 119])),
        ("anonymous", json!([130, null, 130, null, 119])),
        ("", json!([130, 130, 130, null, 119])),
    ] {
        let server = by_default.clone().flag("--uploaders", uploaders).start().await;
        assert_eq!(codes(&server).await, expected, "{uploaders:?}");
    }
}

async fn names_sizes_and_kinds_have_limits(database: &Database) {
    let server = Server::options(database).flag("--max-upload-size", "1kb").start().await;
    let anybody = server.anonymous();
    let code = async |file: File<'_>| anybody.try_create_file(&file).await.code();
    for name in ["ä.txt", "-a.txt", ".htaccess", "a?b.txt", &"a".repeat(129)] {
        assert_eq!(code(File { name, ..HELLO }).await, 122, "{name}");
    }
    for name in ["a.html", "a.SVG", "a.xhtml.", "page"] {
        let content_type = "text/html";
        assert_eq!(code(File { name, content_type, ..HELLO }).await, 130, "{name}");
    }
    assert_eq!(code(File { content: b"", ..HELLO }).await, 130);
    let large = File { content: &[b'x'; 1025], ..HELLO };
    assert_eq!(anybody.try_create_file(&large).await.status, 413);
    assert_eq!(kept(database), Vec::<String>::new());
    let (name, _) = anybody
        .create_file(&File { name: "../../etc/passwd", content_type: "application/octet-stream", ..HELLO })
        .await;
    assert!(name.ends_with("_passwd.bin"), "{name}");
    assert_eq!(kept(database), ["passwd.bin"]);
}

async fn a_file_cannot_act_in_the_name_of_the_server(database: &Database) {
    let server = Server::start(database).await;
    let script = File { content: b"<script>alert(1)</script>", ..HELLO };
    for (name, content_type, disposition) in [
        ("a.html", "application/octet-stream", "attachment"),
        ("a.svg", "application/octet-stream", "attachment"),
        ("a.js", "application/octet-stream", "attachment"),
        ("a.pdf", "application/pdf", "attachment"),
        ("a.unknown", "application/octet-stream", "attachment"),
        ("a.txt", "text/plain; charset=utf-8", "inline"),
        ("a b.png", "image/png", "inline"),
    ] {
        let (_, url) = server.master().create_file(&File { name, ..script }).await;
        let answer = download(&server.caller(&[]), &url).await;
        assert_eq!(answer.status, 200, "{url}");
        let header = |name| header(&answer.headers, name);
        assert_eq!(header("content-type"), content_type, "{name}");
        assert_eq!(header("content-disposition"), format!("{disposition}; filename=\"{name}\""));
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.ends_with("; sandbox"), "{policy}");
    }
}

async fn a_file_is_downloaded_in_parts_and_once(database: &Database) {
    let server = Server::start(database).await;
    let (_, url) = server.anonymous().create_file(&HELLO).await;
    let nobody = server.caller(&[]);
    let whole = download(&nobody, &url).await;
    assert_eq!(header(&whole.headers, "content-length"), "11");
    assert_eq!(header(&whole.headers, "accept-ranges"), "bytes");
    let tag = header(&whole.headers, "etag");

    let head = Answer::of(nobody.request_at(Method::HEAD, &url)).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(header(&head.headers, "content-length"), "11");
    assert_eq!(header(&head.headers, "etag"), tag);

    for (range, status, body, content_range) in [
        ("bytes=0-4", 206, "hello", "bytes 0-4/11"),
        ("bytes=-4", 206, "file", "bytes 7-10/11"),
        ("bytes=7-", 206, "file", "bytes 7-10/11"),
        ("bytes=11-", 416, "", "bytes */11"),
        ("bytes=-0", 416, "", "bytes */11"),
        ("bytes=9-1", 200, "hello, file", ""),
        ("bytes=0-0,2-3", 200, "hello, file", ""),
        ("nonsense", 200, "hello, file", ""),
    ] {
        let answer = download(&nobody.with("Range", range), &url).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{range}");
        assert_eq!(header(&answer.headers, "content-range"), content_range, "{range}");
    }

    let again = download(&nobody.with("If-None-Match", &tag), &url).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(header(&again.headers, "etag"), tag);
    let changed = download(&nobody.with("If-None-Match", "\"other\""), &url).await;
    assert_eq!(changed.status, 200);
}

async fn what_is_no_file_is_not_found(database: &Database) {
    let server = Server::start(database).await;
    let nobody = server.caller(&[]);
    std::fs::write(database.data_dir().join("secret.txt"), "secret").unwrap();
    for path in [
        "/files/app/00000000000000000000000000000000_a.txt",
        "/files/app/..%2Fsecret.txt",
        "/files/app/%2e%2e%2fsecret.txt",
        "/files/app/..%5Csecret.txt",
        "/files/app/%00",
        "/files/app/%ff",
        "/files/app/%2e",
        "/files/app/a%0d%0ab",
        "/files/app/",
        "/files/app",
        "/files/app/a/b",
    ] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("secret"), "{path}");
    }
    let answer = nobody.get("/files/app/a.txt").await;
    assert_eq!(answer.body, "File not found.");
    assert_eq!(nobody.get("/files/other/a.txt").await.status, 403);
}

async fn files_are_kept_in_a_bucket(database: &Database) {
    let (endpoint, objects) = bucket().await;
    let server = Server::options(database)
        .flag("--file-storage", "s3://bucket/of/files")
        .flag("--s3-endpoint", &endpoint)
        .flag("--s3-access-key-id", "id")
        .flag("--s3-secret-access-key", "key")
        .start()
        .await;
    let (name, url) = server.anonymous().create_file(&HELLO).await;
    let key = format!("/bucket/of/files/{name}");
    assert_eq!(objects.lock().unwrap().get(&key).map(Vec::as_slice), Some(HELLO.content));

    let nobody = server.caller(&[]);
    let answer = download(&nobody, &url).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello, file"));
    let answer = download(&nobody.with("Range", "bytes=7-"), &url).await;
    assert_eq!((answer.status, answer.body.as_str()), (206, "file"));
    assert_eq!(nobody.get("/files/app/missing.txt").await.status, 404);
}

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A bucket that keeps what it is given, and believes every signature.
async fn bucket() -> (String, Objects) {
    use axum::body::Bytes;
    use axum::response::{IntoResponse as _, Response};
    use http::{StatusCode, Uri, header};

    let objects = Objects::default();
    let shared = Arc::clone(&objects);
    let answer = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| -> Response {
        let key = uri.path().to_owned();
        let tag = (header::ETAG, "\"tag\"".to_owned());
        if method == Method::PUT {
            shared.lock().unwrap().insert(key, body.to_vec());
            return [tag].into_response();
        }
        let Some(content) = shared.lock().unwrap().get(&key).cloned() else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let modified = (header::LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
        if let Some(range) = headers.get("range") {
            let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
            let (first, last) = range.split_once('-').unwrap();
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            let part = content[first..=last].to_vec();
            let whole = format!("bytes {first}-{last}/{}", content.len());
            return (StatusCode::PARTIAL_CONTENT, [tag, modified, (header::CONTENT_RANGE, whole)], part)
                .into_response();
        }
        ([tag, modified], content).into_response()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (endpoint, objects)
}

async fn a_file_for_no_variable_is_bad_input(database: &Database) {
    let server = start(database).await;
    let text = "mutation ($upload: Upload!) { createFile(input: {upload: $upload}) { fileInfo { name } } }";
    for place in ["variables.nothing", "variables.upload.0", "upload", "query"] {
        let answer = server.anonymous().upload(text, json!({"upload": null}), &[File { place, ..HELLO }]).await;
        assert_eq!((answer.status, answer.codes()), (400, vec![json!("BAD_USER_INPUT")]), "{place}");
    }
}
