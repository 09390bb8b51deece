//! Smaller questions, to find the smallest that is still answered wrongly.

use crate::model::{Filter, List, Page, Pick, Question, Subquery, Test};

/// Questions that are a little smaller.
pub(crate) fn question(question: &Question) -> Vec<Question> {
    match question {
        Question::Get { row, global, picks } => {
            let plain = global.then(|| Question::Get { row: *row, global: false, picks: picks.clone() });
            let smaller = parts(picks, pick).into_iter();
            plain.into_iter().chain(smaller.map(|picks| Question::Get { row: *row, global: *global, picks })).collect()
        }
        Question::List { class, list } => {
            self::list(list).into_iter().map(|list| Question::List { class: *class, list }).collect()
        }
    }
}

fn list(list: &List) -> Vec<List> {
    let mut smaller = Vec::new();
    let mut add = |change: &dyn Fn(&mut List)| {
        let mut changed = list.clone();
        change(&mut changed);
        smaller.push(changed);
    };
    if list.filter.is_some() {
        add(&|list| list.filter = None);
    }
    if list.count && list.finds() {
        add(&|list| list.count = false);
        add(&|list| (list.edges, list.page_info) = (None, false));
    }
    if list.page_info && (list.count || list.edges.is_some()) {
        add(&|list| list.page_info = false);
    }
    if !list.order.is_empty() {
        add(&|list| list.order.truncate(list.order.len() - 1));
        add(&|list| list.order = list.order[1..].to_vec());
    }
    let clear: [fn(&mut Page) -> bool; 5] = [
        |page| page.skip.take().is_some(),
        |page| page.first.take().is_some(),
        |page| page.last.take().is_some(),
        |page| page.after.take().is_some(),
        |page| page.before.take().is_some(),
    ];
    for clear in clear {
        if clear(&mut list.page.clone()) {
            add(&|list| {
                clear(&mut list.page);
            });
        }
    }
    for filter in list.filter.iter().flat_map(filter) {
        add(&|list| list.filter = Some(filter.clone()));
    }
    for picks in list.edges.iter().flat_map(|picks| parts(picks, pick)) {
        add(&|list| list.edges = Some(picks.clone()));
    }
    smaller
}

fn pick(pick: &Pick) -> Vec<Pick> {
    match pick {
        Pick::Plain(_) | Pick::Array(_) | Pick::Acl => Vec::new(),
        Pick::Pointer(field, picks) => {
            parts(picks, self::pick).into_iter().map(|picks| Pick::Pointer(field, picks)).collect()
        }
        Pick::Relation(field, list) => self::list(list).into_iter().map(|list| Pick::Relation(field, list)).collect(),
    }
}

fn filter(filter: &Filter) -> Vec<Filter> {
    match filter {
        Filter::And(all) => all.iter().cloned().chain(parts(all, self::filter).into_iter().map(Filter::And)).collect(),
        Filter::Or(all) => all.iter().cloned().chain(parts(all, self::filter).into_iter().map(Filter::Or)).collect(),
        Filter::Nor(all) => parts(all, self::filter).into_iter().map(Filter::Nor).collect(),
        Filter::Field(field, tests) => {
            let fewer = parts(tests, test).into_iter().filter(|tests| !tests.is_empty());
            fewer.map(|tests| Filter::Field(field, tests)).collect()
        }
    }
}

fn test(test: &Test) -> Vec<Test> {
    let boxed = |inner: &Filter| filter(inner).into_iter().map(Box::new).collect::<Vec<_>>();
    match test {
        Test::In(operands) => parts(operands, |_| Vec::new()).into_iter().map(Test::In).collect(),
        Test::NotIn(operands) => parts(operands, |_| Vec::new()).into_iter().map(Test::NotIn).collect(),
        Test::AnyOf(elements) => parts(elements, |_| Vec::new()).into_iter().map(Test::AnyOf).collect(),
        Test::NoneOf(elements) => parts(elements, |_| Vec::new()).into_iter().map(Test::NoneOf).collect(),
        Test::AllOf(elements) => parts(elements, |_| Vec::new()).into_iter().map(Test::AllOf).collect(),
        Test::Have(inner) => boxed(inner).into_iter().map(Test::Have).collect(),
        Test::HaveNot(inner) => boxed(inner).into_iter().map(Test::HaveNot).collect(),
        Test::InKey(query) => subquery(query).into_iter().map(Test::InKey).collect(),
        Test::NotInKey(query) => subquery(query).into_iter().map(Test::NotInKey).collect(),
        Test::Equal(_)
        | Test::NotEqual(_)
        | Test::Less(_)
        | Test::LessOrEqual(_)
        | Test::Greater(_)
        | Test::GreaterOrEqual(_)
        | Test::Begins(_)
        | Test::Exists(_) => Vec::new(),
    }
}

fn subquery(query: &Subquery) -> Vec<Subquery> {
    let smaller = query.filter.iter().flat_map(|inner| filter(inner)).map(|inner| Some(Box::new(inner)));
    let none = query.filter.is_some().then_some(None);
    none.into_iter().chain(smaller).map(|filter| Subquery { filter, ..query.clone() }).collect()
}

/// The items without one of them, and with one of them smaller.
fn parts<T: Clone>(items: &[T], smaller: impl Fn(&T) -> Vec<T>) -> Vec<Vec<T>> {
    let mut all = Vec::new();
    for position in 0..items.len() {
        let mut fewer = items.to_vec();
        fewer.remove(position);
        all.push(fewer);
    }
    for (position, item) in items.iter().enumerate() {
        for small in smaller(item) {
            let mut changed = items.to_vec();
            changed[position] = small;
            all.push(changed);
        }
    }
    all
}
