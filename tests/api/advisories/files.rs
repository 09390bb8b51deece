//! J: files that would like to be pages, programs, or something else of the server's.

use reqwest::Method;
use serde_json::{Value, json};

use super::{is_alive, refused};
use crate::harness::{Answer, Database, File, Server, on_both_databases};

on_both_databases![
    adv_9prmjqwx_no_page_is_uploaded,
    adv_x4qj2f4q_no_file_is_fetched,
    adv_hcj76gxh_no_picture_with_a_script_is_uploaded,
    adv_v5hfh4f3_nothing_that_browsers_run_is_uploaded,
    adv_42phpf9q_what_stands_behind_a_type_hides_nothing,
    adv_vr5f2r24_the_type_of_a_file_is_that_of_its_name,
    adv_7wqvxjf3_dots_and_spaces_hide_no_extension,
    adv_v8x7r927_what_nobody_knows_is_no_page,
    adv_r899h629_a_type_that_is_none_is_no_page,
    adv_hm3fq6rw_no_path_leads_out_of_a_directory,
];

const PAGE: &[u8] = b"<html><script>alert(document.domain)</script></html>";

fn file<'a>(name: &'a str, content_type: &'a str) -> File<'a> {
    File { place: "variables.upload", name, content_type, content: PAGE }
}

/// A file is refused, or handed out so that no browser shows or runs it as a page.
async fn is_harmless(server: &Server, name: &str, content_type: &str) {
    let part = reqwest::multipart::Part::bytes(PAGE.to_vec()).file_name(name.to_owned());
    // What the client's library does not send has not come.
    let Ok(part) = part.mime_str(content_type) else { return };
    let text = "mutation ($upload: Upload!) { createFile(input: { upload: $upload }) { fileInfo { name url } } }";
    let form = reqwest::multipart::Form::new()
        .text("operations", json!({"query": text, "variables": {"upload": null}}).to_string())
        .text("map", json!({"0": ["variables.upload"]}).to_string())
        .part("0", part);
    let answer = Answer::of(server.anonymous().request(Method::POST, "").multipart(form)).await;
    if !answer.codes().is_empty() {
        let refusals = [json!(122), json!(130), json!("BAD_REQUEST")];
        assert!(refusals.contains(&answer.codes()[0]), "{name:?}, {content_type:?}: {}", answer.body);
        return;
    }
    let read = Answer::of(server.caller(&[]).request_at(Method::GET, &answer.text("createFile.fileInfo.url"))).await;
    let header = |name: &str| read.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let kind = header("content-type");
    let said = format!("{name:?}, {content_type:?} is handed out as {kind:?}");
    let active = ["html", "xml", "script", "css", "wasm"].iter().find(|part| kind.contains(**part));
    assert!(active.is_none() && !kind.is_empty(), "{said}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{said}");
    assert!(header("content-security-policy").contains("sandbox"), "{said}");
    // What is not known to be harmless is stored, not shown.
    let harmless =
        ["text/plain", "text/csv", "text/markdown", "application/json", "image/", "audio/", "video/", "font/"];
    let shown = header("content-disposition").starts_with("inline");
    assert!(!shown || harmless.iter().any(|harmless| kind.starts_with(harmless)), "{said}");
}

async fn are_refused(server: &Server, extensions: &[&str]) {
    for extension in extensions {
        for name in [format!("a.{extension}"), format!("a.{}", extension.to_uppercase()), format!("a.txt.{extension}")]
        {
            refused(&server.anonymous().try_create_file(&file(&name, "text/plain")).await, 130, &name);
        }
    }
}

async fn adv_9prmjqwx_no_page_is_uploaded(database: &Database) {
    let server = Server::start(database).await;
    are_refused(&server, &["html", "htm", "xhtml", "shtml"]).await;
    for (name, content_type) in [("page", "text/html"), ("page", "application/xhtml+xml"), ("a.txt", "text/html")] {
        is_harmless(&server, name, content_type).await;
    }
    refused(&server.anonymous().try_create_file(&file("page", "text/html")).await, 130, "a page without an extension");
}

async fn adv_x4qj2f4q_no_file_is_fetched(database: &Database) {
    let server = Server::start(database).await;
    server.create_class("Note", &[("file", "File")]).await;
    // Whoever is fetched from would hear of it.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/secret.txt", listener.local_addr().unwrap());
    let create =
        "mutation ($file: FileInput) { createNote(input: { fields: { file: $file } }) { note { file { name url } } } }";
    for input in [
        json!({"file": {"__type": "File", "name": "a.txt", "url": uri}}),
        json!({"file": {"__type": "File", "name": uri, "url": uri}}),
        json!({"file": uri}),
        json!({"file": {"uri": uri}}),
        json!({"file": {"_source": {"format": "uri", "uri": uri}}}),
        json!({"uri": uri}),
        json!({"upload": {"uri": uri}}),
    ] {
        let answer = server.anonymous().query(create, json!({"file": input})).await;
        if let Some(url) = answer.json.pointer("/data/createNote/note/file/url").and_then(Value::as_str) {
            // What a file is called is shown, and an address stays what it is.
            assert!(url.starts_with(server.origin()) || url == uri, "{url}");
            if url != uri {
                Answer::of(server.caller(&[]).request_at(Method::GET, url)).await;
            }
        }
    }
    let upload = json!({"query": "mutation ($upload: Upload!) { createFile(input: { upload: $upload }) { fileInfo { url } } }", "variables": {"upload": {"uri": uri}}});
    assert!(!server.master().post(&upload).await.codes().is_empty());
    let accepted = futures::poll!(Box::pin(listener.accept()));
    assert!(accepted.is_pending(), "the server has asked somebody for a file");
}

async fn adv_hcj76gxh_no_picture_with_a_script_is_uploaded(database: &Database) {
    let server = Server::start(database).await;
    are_refused(&server, &["svg"]).await;
    is_harmless(&server, "a.png", "image/svg+xml").await;
    is_harmless(&server, "picture", "image/svg+xml").await;
}

async fn adv_v5hfh4f3_nothing_that_browsers_run_is_uploaded(database: &Database) {
    let server = Server::start(database).await;
    are_refused(&server, &["svgz", "xht", "xml", "xsl", "xslt"]).await;
}

async fn adv_42phpf9q_what_stands_behind_a_type_hides_nothing(database: &Database) {
    let server = Server::start(database).await;
    are_refused(&server, &["mathml", "rdf", "rss", "atom", "dtd"]).await;
    for content_type in [
        "text/html;charset=utf-8",
        "text/html; a",
        "text/plain;x=text/html",
        "application/xhtml+xml; a",
        "application/xml;charset=utf-8",
        "image/svg+xml; x=y",
        "text/xml",
    ] {
        is_harmless(&server, "page", content_type).await;
        is_harmless(&server, "a.txt", content_type).await;
    }
    for content_type in ["text/html;charset=utf-8", "application/xhtml+xml; a=b", "image/svg+xml; x=y"] {
        refused(&server.anonymous().try_create_file(&file("page", content_type)).await, 130, content_type);
    }
}

async fn adv_vr5f2r24_the_type_of_a_file_is_that_of_its_name(database: &Database) {
    let server = Server::start(database).await;
    for (name, kind) in [("a.txt", "text/plain; charset=utf-8"), ("a.png", "image/png")] {
        let (_, url) = server.anonymous().create_file(&file(name, "text/html")).await;
        let read = Answer::of(server.caller(&[]).request_at(Method::GET, &url)).await;
        assert_eq!((read.status, &read.headers["content-type"]), (200, &kind.parse().unwrap()));
        is_harmless(&server, name, "text/html").await;
    }
    // The type that a reader asks for changes nothing.
    let (_, url) = server.anonymous().create_file(&file("a.txt", "text/plain")).await;
    let read = Answer::of(
        server.caller(&[("Accept", "text/html")]).request_at(Method::GET, &format!("{url}?contentType=text/html")),
    )
    .await;
    assert_eq!(read.headers["content-type"], "text/plain; charset=utf-8");
}

async fn adv_7wqvxjf3_dots_and_spaces_hide_no_extension(database: &Database) {
    let server = Server::start(database).await;
    for name in [
        "a.html.",
        "a.html..",
        "a.html ",
        "a.html. ",
        "a.html%00",
        "a.html\u{200b}",
        "a.html\u{3002}",
        "a\u{ff0e}html",
        "a.h\u{74}ml",
        "a.html/",
        "a.html\\",
        "a.html;.txt",
        "a.html:x.txt",
        "a.html?.txt",
        "a.html#.txt",
        ".html",
        "html",
    ] {
        is_harmless(&server, name, "text/html").await;
        is_harmless(&server, name, "application/octet-stream").await;
    }
    for name in ["a.html.", "a.html..", "a.html ", "a.svg. "] {
        let codes = server.anonymous().try_create_file(&file(name, "text/plain")).await.codes();
        assert!([vec![json!(122)], vec![json!(130)]].contains(&codes), "{name:?}: {codes:?}");
    }
    is_alive(&server).await;
}

async fn adv_v8x7r927_what_nobody_knows_is_no_page(database: &Database) {
    let server = Server::start(database).await;
    for extension in [
        "xbl", "wml", "hdml", "ehtml", "jhtml", "phtml", "stm", "asp", "jsp", "php", "vml", "wbxml", "jse", "vbs",
        "mjs", "js", "css", "swf", "jar", "unknown", "x-html", "html5", "htmls",
    ] {
        is_harmless(&server, &format!("a.{extension}"), "text/html").await;
        is_harmless(&server, &format!("a.{extension}"), "application/octet-stream").await;
    }
}

/// And GHSA-3jmq-rrxf-gqrg: the content is what it is, whatever type it came with.
async fn adv_r899h629_a_type_that_is_none_is_no_page(database: &Database) {
    let server = Server::start(database).await;
    for content_type in [
        "text/html;;",
        ";text/html",
        "text/html,text/plain",
        "text",
        "text/",
        "/html",
        "*/*",
        "text/*",
        "TEXT/HTML",
        " text/html",
        "text/html\t",
        "unknown/unknown",
        "multipart/mixed",
        "message/rfc822",
    ] {
        for name in ["page", "a.txt", "a.bin", "a"] {
            is_harmless(&server, name, content_type).await;
        }
    }
}

async fn adv_hm3fq6rw_no_path_leads_out_of_a_directory(database: &Database) {
    let server = Server::start(database).await;
    std::fs::create_dir_all(database.data_dir().join("files-secret")).unwrap();
    std::fs::write(database.data_dir().join("files-secret/x.txt"), "planted").unwrap();
    for path in [
        "/files/app/..%2ffiles-secret%2fx.txt",
        "/files/app/..%5cfiles-secret%5cx.txt",
        "/files/app/../files-secret/x.txt",
        "/files/app/-secret%2fx.txt",
        "/files-secret/x.txt",
        "/graphiql/../files-secret/x.txt",
        "/graphiql/..%2f..%2ffiles-secret%2fx.txt",
        "/graphiql/%2e%2e/%2e%2e/etc/passwd",
        "/apps/../files-secret/x.txt",
        "/apps/app/choose_password?locale=../../x",
        "//etc/passwd",
        "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    ] {
        let answer = server.caller(&[]).get(path).await;
        assert!([400, 403, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.body.contains("planted") && !answer.body.contains("root:"), "{path}: {}", answer.body);
    }
}
