//! A caller of the API: an address, and the headers that say who asks.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::answer::Answer;
use super::scan;

/// A file to upload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    /// Where it belongs: `variables.upload`.
    pub(crate) place: &'a str,
    pub(crate) name: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) content: &'a [u8],
}

/// A caller. Cheap to clone; [`with`](Client::with) makes another one with more headers.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
}

impl Client {
    /// A caller without any headers, and without an address yet.
    pub(crate) fn new() -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build();
        Self { http: http.unwrap(), url: String::new(), headers: HeaderMap::new() }
    }

    /// The same caller at the address of an API.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The address of the API.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same caller with another header.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        Self { headers, ..self.clone() }
    }

    /// The same caller, who may see the values that a test hides from others.
    pub(crate) fn privy(&self) -> Self {
        self.with(scan::PRIVY, "true")
    }

    /// Sends a GraphQL request. `variables` is an object, or null for none.
    pub(crate) async fn query(&self, text: &str, variables: Value) -> Answer {
        self.post(&body(text, variables)).await
    }

    /// Sends a GraphQL request to a server that may be away, or go away before it has answered.
    pub(crate) async fn attempt(&self, text: &str, variables: Value) -> Result<Answer, reqwest::Error> {
        Answer::attempt(self.request(reqwest::Method::POST, "").json(&body(text, variables))).await
    }

    /// Sends any JSON to the API.
    pub(crate) async fn post(&self, body: &Value) -> Answer {
        Answer::of(self.request(reqwest::Method::POST, "").json(body)).await
    }

    /// Sends a GraphQL request with files: where each belongs, as `variables.upload`, its name, type and content.
    pub(crate) async fn upload(&self, text: &str, variables: Value, files: &[File<'_>]) -> Answer {
        let map: serde_json::Map<_, _> =
            (0..).zip(files).map(|(number, file)| (format!("{number}"), json!([file.place]))).collect();
        let operations = json!({"query": text, "variables": variables});
        let mut form =
            Form::new().text("operations", operations.to_string()).text("map", Value::Object(map).to_string());
        for (number, file) in (0..).zip(files) {
            let part =
                Part::bytes(file.content.to_vec()).file_name(file.name.to_owned()).mime_str(file.content_type).unwrap();
            form = form.part(format!("{number}"), part);
        }
        Answer::of(self.request(reqwest::Method::POST, "").multipart(form)).await
    }

    /// Creates a file, which must succeed, and gives its name and address.
    pub(crate) async fn create_file(&self, file: &File<'_>) -> (String, String) {
        let answer = self.try_create_file(file).await;
        (answer.text("createFile.fileInfo.name"), answer.text("createFile.fileInfo.url"))
    }

    /// Creates a file, if it may be.
    pub(crate) async fn try_create_file(&self, file: &File<'_>) -> Answer {
        let text = "mutation ($upload: Upload!) { createFile(input: {upload: $upload}) { fileInfo { name url } } }";
        self.upload(text, json!({"upload": null}), std::slice::from_ref(file)).await
    }

    /// A raw request, with the caller's headers, to any address.
    pub(crate) fn request_at(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        self.http.request(method, url).headers(self.headers.clone())
    }

    /// A raw request, with the caller's headers, to the address of the API followed by `suffix`, such as `?query=…`.
    pub(crate) fn request(&self, method: reqwest::Method, suffix: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{suffix}", self.url)).headers(self.headers.clone())
    }

    /// Asks for a path beside the API, such as `/health`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let origin = self.url.strip_suffix("/graphql").unwrap();
        Answer::of(self.http.get(format!("{origin}{path}")).headers(self.headers.clone())).await
    }

    /// Creates an object, which must succeed, and gives its global id.
    pub(crate) async fn create(&self, class: &str, fields: Value) -> String {
        let (upper, lower) = (upper_first(class), lower_first(class));
        let text = format!(
            "mutation ($fields: Create{upper}FieldsInput) {{
                create{upper}(input: {{ fields: $fields }}) {{ {lower} {{ id }} }}
            }}"
        );
        let answer = self.query(&text, json!({"fields": fields})).await;
        answer.text(&format!("create{upper}.{lower}.id"))
    }
}

fn body(text: &str, variables: Value) -> Value {
    let mut body = json!({"query": text});
    if !variables.is_null() {
        body["variables"] = variables;
    }
    body
}

/// The name of a class in the names of its types: `gameScore` gives `GameScore`, `_User` gives `User`.
fn upper_first(class: &str) -> String {
    let mut chars = class.trim_start_matches('_').chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// The name of a class in the names of its fields: `GameScore` gives `gameScore`, `_User` gives `user`.
fn lower_first(class: &str) -> String {
    let mut chars = class.trim_start_matches('_').chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}
