//! Pages by keyset: a page starts behind a position, not at an offset, so that no row comes twice
//! or is skipped while others write. It can be read in both directions and always shows its rows in
//! the list's own order.

use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place<P> {
    /// It starts right behind this position.
    After(P),
    /// It ends right before this position.
    Before(P),
}

impl<P> Place<P> {
    /// Whether rows are fetched against the list's order, nearest first.
    pub const fn is_backwards(&self) -> bool {
        matches!(self, Self::Before(_))
    }

    /// The position.
    pub const fn position(&self) -> &P {
        match self {
            Self::After(position) | Self::Before(position) => position,
        }
    }
}

/// A page's rows, and where its neighbours are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T, P> {
    /// The rows, in the list's order.
    pub rows: Vec<T>,
    /// The page before it, if there is one.
    pub previous: Option<Place<P>>,
    /// The page behind it, if there is one.
    pub next: Option<Place<P>>,
}

impl<T, P> Slice<T, P> {
    /// The same page of what each row is turned into.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Slice<U, P> {
        Slice {
            rows: self.rows.into_iter().map(turn).collect(),
            previous: self.previous,
            next: self.next,
        }
    }
}

impl<T, P: Copy> Slice<T, P> {
    /// The page at `place`, of rows that were fetched one more than `limit`. Where the client came
    /// from there was a row when it left; it may be gone, then that page is empty.
    pub fn of(mut rows: Vec<(T, P)>, place: Option<Place<P>>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let backwards = place.is_some_and(|place| place.is_backwards());
        if backwards {
            rows.reverse();
        }
        let (before, behind) = if backwards {
            (more, true)
        } else {
            (place.is_some(), more)
        };
        let first = rows.first().filter(|_| before);
        let last = rows.last().filter(|_| behind);
        Self {
            previous: first.map(|(_, position)| Place::Before(*position)),
            next: last.map(|(_, position)| Place::After(*position)),
            rows: rows.into_iter().map(|(row, _)| row).collect(),
        }
    }

    /// Whether a page that was read backwards found nothing: all rows before it are gone, so the
    /// list starts where the client came from, and its first page is the answer.
    pub fn is_before_the_start(&self, place: Option<Place<P>>) -> bool {
        self.rows.is_empty() && place.is_some_and(|place| place.is_backwards())
    }
}

/// Ends a query whose conditions stand: the rows at `place` by their ids, the newest first, one more
/// than `limit`.
pub fn by_id(sql: &mut QueryBuilder<Postgres>, place: Option<Place<Uuid>>, limit: i64) {
    let (than, direction) = match place {
        Some(Place::Before(_)) => (">", "asc"),
        _ => ("<", "desc"),
    };
    if let Some(place) = place {
        sql.push(format!(" and id {than} "));
        sql.push_bind(*place.position());
    }
    sql.push(format!(" order by id {direction} limit "));
    sql.push_bind(limit.saturating_add(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices() {
        use Place::{After, Before};
        for (fetched, place, rows, previous, next) in [
            (&[][..], None, &[][..], None, None),
            (&[1, 2], None, &[1, 2], None, None),
            (&[1, 2, 3], None, &[1, 2], None, Some(After(2))),
            (
                &[3, 4, 5],
                Some(After(2)),
                &[3, 4],
                Some(Before(3)),
                Some(After(4)),
            ),
            (&[5], Some(After(4)), &[5], Some(Before(5)), None),
            (&[], Some(After(5)), &[], None, None),
            (
                &[4, 3, 2],
                Some(Before(5)),
                &[3, 4],
                Some(Before(3)),
                Some(After(4)),
            ),
            (&[2, 1], Some(Before(3)), &[1, 2], None, Some(After(2))),
            (&[1], Some(Before(2)), &[1], None, Some(After(1))),
        ] {
            let fetched: Vec<_> = fetched.iter().map(|&row: &i32| (row, row)).collect();
            let slice = Slice::of(fetched, place, 2);
            let expected = Slice {
                rows: rows.to_vec(),
                previous,
                next,
            };
            assert_eq!(slice, expected, "{place:?}");
        }
        let nothing: Slice<i32, i32> = Slice::of(vec![], Some(Before(1)), 2);
        assert!(nothing.is_before_the_start(Some(Before(1))));
        assert!(!nothing.is_before_the_start(Some(After(1))));
    }
}
