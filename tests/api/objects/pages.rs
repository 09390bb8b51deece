//! Cursors mark rows, so pages never overlap and nothing shifts.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Database, Server, on_both_databases};

on_both_databases![
    pages_neither_overlap_nor_have_gaps_where_values_are_equal,
    what_is_added_or_deleted_meanwhile_shifts_nothing,
    a_cursor_of_another_order_is_refused,
    a_cursor_opens_nothing,
    pages_of_relations_go_by_their_owner,
    pages_of_relations_are_cut_however_many_objects_there_are,
    an_empty_page_says_what_is_around_it,
];

const PAGE: &str = "query ($order: [NoteOrder!], $first: Int, $after: String, $last: Int, $before: String) {
    notes(order: $order, first: $first, after: $after, last: $last, before: $before) {
        count edges { cursor node { text size } } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
}";

async fn scene(database: &Database) -> Server {
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String"), ("size", "Number")]).await;
    for number in 0..12 {
        let size = if number % 4 == 3 { Value::Null } else { json!(number % 4) };
        server.master().create("Note", json!({"text": format!("{number:02}"), "size": size})).await;
    }
    server
}

async fn page(caller: &Client, variables: Value) -> Answer {
    let answer = caller.query(PAGE, variables).await;
    answer.ok();
    answer
}

async fn pages_neither_overlap_nor_have_gaps_where_values_are_equal(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    for order in
        [json!([]), json!(["size_ASC"]), json!(["size_DESC"]), json!(["size_DESC", "text_DESC"]), json!(["text_ASC"])]
    {
        let whole = page(&caller, json!({"order": order})).await.each("notes", "text");
        assert_eq!(whole.len(), 12);
        for size in [1, 5, 12] {
            let (mut seen, mut after) = (Vec::new(), Value::Null);
            loop {
                let answer = page(&caller, json!({"order": order, "first": size, "after": after})).await;
                seen.extend(answer.each("notes", "text"));
                assert_eq!(answer.data("notes.count"), 12);
                if answer.data("notes.pageInfo.hasNextPage") == false {
                    break;
                }
                after = answer.data("notes.pageInfo.endCursor").clone();
            }
            assert_eq!(seen, whole, "{order}, {size} at a time");

            let (mut seen, mut before) = (Vec::new(), Value::Null);
            loop {
                let answer = page(&caller, json!({"order": order, "last": size, "before": before})).await;
                let mut these = answer.each("notes", "text");
                these.extend(seen);
                seen = these;
                if answer.data("notes.pageInfo.hasPreviousPage") == false {
                    break;
                }
                before = answer.data("notes.edges.0.cursor").clone();
            }
            assert_eq!(seen, whole, "{order}, backwards, {size} at a time");
        }
    }
}

async fn what_is_added_or_deleted_meanwhile_shifts_nothing(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    let first = page(&caller, json!({"order": ["text_ASC"], "first": 4})).await;
    let cursor = first.data("notes.pageInfo.endCursor").clone();
    server.master().create("Note", json!({"text": "00a"})).await;
    let next = page(&caller, json!({"order": ["text_ASC"], "first": 2, "after": cursor})).await;
    assert_eq!(next.each("notes", "text"), ["04", "05"]);

    // Even the marked row itself may go.
    let find = "{ notes(where: { text: { in: [\"03\", \"04\"] } }) { edges { node { id } } } }";
    for id in server.master().query(find, Value::Null).await.each("notes", "id") {
        let delete = "mutation ($id: ID!) { deleteNote(input: { id: $id }) { clientMutationId } }";
        server.master().query(delete, json!({"id": id})).await.ok();
    }
    let next = page(&caller, json!({"order": ["text_ASC"], "first": 2, "after": cursor})).await;
    assert_eq!(next.each("notes", "text"), ["05", "06"]);
}

async fn a_cursor_of_another_order_is_refused(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    let cursor = page(&caller, json!({"order": ["text_ASC"]})).await.text("notes.edges.3.cursor");
    for (order, after) in [
        (json!(["size_ASC"]), json!(cursor)),
        (json!(["text_ASC", "size_ASC"]), json!(cursor)),
        (json!(["text_ASC"]), json!(format!("{cursor}x"))),
        (json!(["text_ASC"]), json!("' OR 1=1 --")),
        (json!(["text_ASC"]), json!("WyJ4IiwiXHUwMDAwIl0")), // ["x","\u0000"]
        (json!(["text_ASC"]), json!("x".repeat(100_000))),
    ] {
        let answer = caller.query(PAGE, json!({"order": order, "after": after})).await;
        assert_eq!(answer.code(), 102, "{order}: {}", answer.body);
    }
}

async fn a_cursor_opens_nothing(database: &Database) {
    let server = scene(database).await;
    let alice = server.sign_up("alice").await;
    let own = json!({"users": [{"userId": alice.id, "read": true, "write": true}]});
    server.user(&alice).create("Note", json!({"text": "055", "ACL": own})).await;
    let order = json!(["text_ASC"]);
    let mine = page(&server.user(&alice), json!({"order": order})).await;
    assert_eq!(mine.data("notes.count"), 13);
    let at = mine.each("notes", "text").iter().position(|text| text == "055").unwrap();
    let before = mine.text(&format!("notes.edges.{}.cursor", at - 1));
    let hidden = mine.text(&format!("notes.edges.{at}.cursor"));
    for cursor in [before, hidden] {
        let answer = page(&server.anonymous(), json!({"order": order, "first": 1, "after": cursor})).await;
        assert_eq!(answer.each("notes", "text"), ["06"]);
    }
}

async fn pages_of_relations_go_by_their_owner(database: &Database) {
    let server = scene(database).await;
    server.create_class("List", &[("name", "String"), ("notes", "Relation:Note")]).await;
    let ids = server
        .master()
        .query("{ notes(order: [text_ASC]) { edges { node { id } } } }", Value::Null)
        .await
        .each("notes", "id");
    server.master().create("List", json!({"name": "a", "notes": {"add": &ids[0..6]}})).await;
    server.master().create("List", json!({"name": "b", "notes": {"add": &ids[4..12]}})).await;
    let query = "{ lists(order: [name_ASC]) { edges { node {
        notes(order: [text_DESC], first: 2, skip: 1) { count edges { node { text } } pageInfo { hasNextPage hasPreviousPage } }
    } } } }";
    let answer = server.anonymous().query(query, Value::Null).await;
    for (list, count, texts) in [(0, 6, ["04", "03"]), (1, 8, ["10", "09"])] {
        let at = format!("lists.edges.{list}.node.notes");
        assert_eq!(answer.data(&format!("{at}.count")), count);
        assert_eq!(answer.each(&at, "text"), texts);
        assert_eq!(answer.data(&format!("{at}.pageInfo")), &json!({"hasNextPage": true, "hasPreviousPage": true}));
    }
}

async fn pages_of_relations_are_cut_however_many_objects_there_are(database: &Database) {
    const NOTES: &str = "notes(order: [text_ASC], first: $first, last: $last) {
        edges { node { text } } pageInfo { hasNextPage hasPreviousPage }
    }";
    let server = Server::start(database).await;
    server.create_class("Note", &[("text", "String")]).await;
    server.create_class("List", &[("name", "String"), ("notes", "Relation:Note")]).await;
    let (open, closed) = (json!({"read": true, "write": true}), json!({"read": false, "write": false}));
    // Every fourth of them is hidden. The lists have more objects together than four pages of 100 hold, and fewer than four of 150.
    let text = |number: usize| format!("{number:03}");
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    for (name, count) in [("a", 640), ("b", 4), ("c", 136), ("d", 0)] {
        let visible: Vec<_> = (0..count).filter(|number| number % 4 != 3).map(text).collect();
        let note =
            |number| json!({"text": text(number), "ACL": {"public": if number % 4 == 3 { &closed } else { &open }}});
        let notes: Vec<_> = (0..count).map(note).collect();
        ids.push(server.master().create("List", json!({"name": name, "notes": {"createAndAdd": notes}})).await);
        texts.push(visible);
    }
    let of_all =
        format!("query ($first: Int, $last: Int) {{ lists(order: [name_ASC]) {{ edges {{ node {{ {NOTES} }} }} }} }}");
    let of_one = format!("query ($id: ID!, $first: Int, $last: Int) {{ list(id: $id) {{ {NOTES} }} }}");
    for (first, last) in [
        (Some(2), None),
        (Some(100), None),
        (Some(102), None),
        (Some(150), None),
        (None, None),
        (None, Some(3)),
        (None, Some(101)),
    ] {
        let size = first.or(last).unwrap_or(100);
        let all = server.anonymous().query(&of_all, json!({"first": first, "last": last})).await;
        for (number, (id, texts)) in ids.iter().zip(&texts).enumerate() {
            let cut = texts.len().saturating_sub(size);
            let expected = if last.is_some() { &texts[cut..] } else { &texts[..texts.len() - cut] };
            let info = json!({"hasNextPage": cut > 0 && last.is_none(), "hasPreviousPage": cut > 0 && last.is_some()});
            let one = server.anonymous().query(&of_one, json!({"id": id, "first": first, "last": last})).await;
            for (answer, at) in [(&all, format!("lists.edges.{number}.node.notes")), (&one, "list.notes".to_owned())] {
                assert_eq!(answer.each(&at, "text"), expected, "{at}, {first:?}, {last:?}");
                assert_eq!(answer.data(&format!("{at}.pageInfo")), &info, "{at}, {first:?}, {last:?}");
            }
        }
    }
}

async fn an_empty_page_says_what_is_around_it(database: &Database) {
    let server = scene(database).await;
    let caller = server.anonymous();
    let all = page(&caller, json!({"order": ["text_ASC"]})).await;
    let cursor = |at: usize| all.data(&format!("notes.edges.{at}.cursor")).clone();
    let query = "query ($skip: Int, $first: Int, $after: String, $last: Int, $before: String) {
        notes(order: [text_ASC], skip: $skip, first: $first, after: $after, last: $last, before: $before) {
            edges { node { text } } pageInfo { hasPreviousPage hasNextPage }
        }
    }";
    for (arguments, length, previous, next) in [
        (json!({"first": 0}), 0, false, true),
        (json!({"last": 0}), 0, false, true),
        (json!({"last": 0, "skip": 3}), 0, true, true),
        (json!({"last": 0, "skip": 12}), 0, true, false),
        (json!({"last": 0, "after": cursor(3)}), 0, true, true),
        (json!({"last": 0, "before": cursor(3)}), 0, true, true),
        (json!({"before": cursor(5), "skip": 2}), 3, true, true),
        (json!({"before": cursor(5), "skip": 2, "first": 1}), 1, true, true),
        (json!({"before": cursor(5), "skip": 2, "last": 1}), 1, true, true),
        (json!({"before": cursor(5), "skip": 5}), 0, true, true),
        (json!({"before": cursor(5), "skip": 11}), 0, true, true),
        (json!({"before": cursor(5), "skip": 12}), 0, true, false),
        (json!({"before": cursor(5), "skip": 20, "last": 1}), 0, true, false),
        (json!({"before": cursor(5), "after": cursor(10)}), 0, true, true),
        (json!({"before": cursor(5), "after": cursor(11)}), 0, true, false),
        (json!({"before": cursor(0)}), 0, false, true),
    ] {
        let answer = caller.query(query, arguments.clone()).await;
        assert_eq!(answer.each("notes", "text").len(), length, "{arguments}");
        let info = json!({"hasPreviousPage": previous, "hasNextPage": next});
        assert_eq!(answer.data("notes.pageInfo"), &info, "{arguments}");
    }
    let none = caller.query("{ roles(last: 0) { pageInfo { hasPreviousPage hasNextPage } } }", Value::Null).await;
    assert_eq!(none.data("roles.pageInfo"), &json!({"hasPreviousPage": false, "hasNextPage": false}));
}
