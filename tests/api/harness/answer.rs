//! What came back, and short ways to ask about it.

use serde_json::Value;

use super::scan::Asked;

/// An answer of the server.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// The body, if it is JSON; null if not.
    pub(crate) json: Value,
    /// The body as it came.
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        Self::attempt(request).await.expect("the server answers")
    }

    /// The answer of a server that may be away.
    pub(crate) async fn attempt(request: reqwest::RequestBuilder) -> Result<Self, reqwest::Error> {
        let (client, request) = request.build_split();
        let request = request.expect("the request can be sent");
        let asked = Asked::of(&request);
        let response = client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        asked.check(&format!("{headers:?}\n{body}"));
        Ok(Self { status, headers, json: serde_json::from_str(&body).unwrap_or_default(), body })
    }

    /// The same answer, which must have neither errors nor another status than 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> &Self {
        let fine = self.status == 200 && self.json.is_object() && self.json.get("errors").is_none();
        assert!(fine, "the request must succeed: HTTP {} {}", self.status, self.pretty());
        self
    }

    /// The value at a path below `data`, such as `notes.edges.0.node.text`; the empty path is `data` itself. Null
    /// where the data ends before. The answer must be without errors; [`partial`](Self::partial) need not.
    #[track_caller]
    pub(crate) fn data(&self, path: &str) -> &Value {
        self.ok().partial(path)
    }

    /// As [`data`](Self::data), of an answer that may have errors as well.
    #[track_caller]
    pub(crate) fn partial(&self, path: &str) -> &Value {
        let steps = path.split('.').filter(|step| !step.is_empty());
        let found = steps.fold(self.json.get("data"), |value, step| match value {
            Some(Value::Array(items)) => items.get(step.parse::<usize>().ok()?),
            Some(value) if value.is_null() => Some(value),
            Some(value) => value.get(step),
            None => None,
        });
        found.unwrap_or_else(|| panic!("there is nothing at data.{path}: {}", self.pretty()))
    }

    /// The text at a path below `data`.
    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> String {
        let value = self.data(path);
        value.as_str().unwrap_or_else(|| panic!("data.{path} is no text: {}", self.pretty())).to_owned()
    }

    /// What each node of a connection has at a path: `each("notes", "text")`.
    #[track_caller]
    pub(crate) fn each(&self, connection: &str, path: &str) -> Vec<Value> {
        let edges = self.data(&format!("{connection}.edges")).as_array();
        let count = edges.unwrap_or_else(|| panic!("no edges in data.{connection}: {}", self.pretty())).len();
        (0..count).map(|at| self.data(&format!("{connection}.edges.{at}.node.{path}")).clone()).collect()
    }

    /// `extensions.code` of the only error, or the `code` of an answer of the REST kind.
    #[track_caller]
    pub(crate) fn code(&self) -> i64 {
        let codes = self.codes();
        let [code] = codes.as_slice() else { panic!("not one error but {}: {}", codes.len(), self.pretty()) };
        code.as_i64().unwrap_or_else(|| panic!("the code is no number: {}", self.pretty()))
    }

    /// `extensions.code` of each error: a number, or a word where GraphQL itself is at fault.
    pub(crate) fn codes(&self) -> Vec<Value> {
        if let Some(code) = self.json.get("code") {
            return vec![code.clone()];
        }
        let errors = self.json.get("errors").and_then(Value::as_array).into_iter().flatten();
        errors.map(|error| error.pointer("/extensions/code").cloned().unwrap_or_default()).collect()
    }

    /// The messages of the errors.
    pub(crate) fn messages(&self) -> Vec<String> {
        let errors = self.json.get("errors").and_then(Value::as_array).into_iter().flatten();
        errors.filter_map(|error| Some(error.get("message")?.as_str()?.to_owned())).collect()
    }

    fn pretty(&self) -> String {
        if self.json.is_null() { self.body.clone() } else { format!("{:#}", self.json) }
    }
}

#[test]
fn an_answer_is_asked_by_paths_and_codes() {
    let answer = |status, body: &str| Answer {
        status,
        headers: reqwest::header::HeaderMap::new(),
        json: serde_json::from_str(body).unwrap_or_default(),
        body: body.to_owned(),
    };
    let good = answer(200, r#"{"data": {"notes": {"edges": [{"node": {"text": "a", "owner": null}}]}}}"#);
    assert_eq!(good.data("notes.edges.0.node.text"), "a");
    assert_eq!(good.data("notes.edges.0.node.owner.id"), &Value::Null);
    assert_eq!(good.each("notes", "text"), ["a"]);
    assert_eq!(good.codes(), Vec::<Value>::new());

    let bad = answer(200, r#"{"errors": [{"message": "no", "extensions": {"code": 119}}], "data": {"note": null}}"#);
    assert_eq!((bad.code(), bad.messages()), (119, vec!["no".to_owned()]));
    assert_eq!(bad.partial("note"), &Value::Null);
    assert_eq!(answer(400, r#"{"code": 209, "error": "Invalid session token"}"#).code(), 209);
}
