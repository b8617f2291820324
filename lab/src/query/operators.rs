//! Runs a query on rows.

use std::cmp::Ordering;

use serde_json::Value;

use super::evaluate::{Row, is_true, order, value};
use super::syntax::{Column, Operator, Query};

/// Runs the operators of a query on the rows of its table.
pub(crate) fn run(query: &Query, rows: Vec<Row>) -> Vec<Row> {
    query.operators.iter().fold(rows, apply)
}

fn apply(mut rows: Vec<Row>, operator: &Operator) -> Vec<Row> {
    match operator {
        Operator::Where(condition) => rows.retain(|row| is_true(condition, row)),
        Operator::Project(columns) => rows = rows.iter().map(|row| projected(columns, row)).collect(),
        Operator::Extend(columns) => {
            for row in &mut rows {
                let added = projected(columns, row);
                row.extend(added);
            }
        }
        Operator::ProjectAway(names) => {
            for row in &mut rows {
                row.retain(|name, _| !names.contains(name));
            }
        }
        Operator::Sort(orders) => rows.sort_by(|one, other| {
            orders.iter().fold(Ordering::Equal, |sorted, by| {
                let next = order(&value(&by.value, one), &value(&by.value, other));
                sorted.then(if by.ascending { next } else { next.reverse() })
            })
        }),
        Operator::Take(count) => rows.truncate(*count),
        Operator::Count => rows = vec![Row::from_iter([("Count".to_owned(), Value::from(rows.len()))])],
        Operator::Distinct(columns) => {
            let mut distinct: Vec<Row> = Vec::new();
            for row in rows.iter().map(|row| projected(columns, row)) {
                if !distinct.contains(&row) {
                    distinct.push(row);
                }
            }
            rows = distinct;
        }
        Operator::Summarize { counts, by } => rows = counted(counts, by, &rows),
    }
    rows
}

fn projected(columns: &[Column], row: &Row) -> Row {
    columns.iter().map(|column| (column.name.clone(), value(&column.value, row))).collect()
}

/// Counts the rows of each group; without groups, there is one, even of no rows.
fn counted(counts: &[String], by: &[Column], rows: &[Row]) -> Vec<Row> {
    let mut groups: Vec<(Row, usize)> = Vec::new();
    if by.is_empty() {
        groups.push((Row::new(), rows.len()));
    } else {
        for key in rows.iter().map(|row| projected(by, row)) {
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, count)) => *count += 1,
                None => groups.push((key, 1)),
            }
        }
    }
    let with_counts = |(mut row, count): (Row, usize)| {
        row.extend(counts.iter().map(|name| (name.clone(), Value::from(count))));
        row
    };
    groups.into_iter().map(with_counts).collect()
}
