//! Patterns, as programs that the build made of them: a set of places moves along the text, so that no
//! text makes it slow.
//!
//! A step is `[0, from, to, …]`, a character of one of these ranges; or `[1, by, …]`, which goes on at each
//! of these distances. The text matches if the end is among the places when it is over.

use serde_json::Value;

/// Whether the program is for this text, from its first to its last character.
pub(super) fn matches(program: &[Value], text: &str) -> bool {
    let mut places = Vec::new();
    follow(program, 0, &mut places);
    for letter in text.chars() {
        let letter = i64::from(u32::from(letter));
        let mut next = Vec::new();
        for place in places {
            if let Some((0, ranges)) = step(program, place)
                && ranges.chunks_exact(2).any(|range| within(range, letter))
            {
                follow(program, place.saturating_add(1), &mut next);
            }
        }
        places = next;
    }
    places.contains(&program.len())
}

fn step(program: &[Value], place: usize) -> Option<(i64, &[Value])> {
    let (kind, numbers) = program.get(place)?.as_array()?.split_first()?;
    Some((kind.as_i64()?, numbers))
}

fn within(range: &[Value], letter: i64) -> bool {
    let mut bounds = range.iter().filter_map(Value::as_i64);
    let (from, to) = (bounds.next(), bounds.next());
    from.is_some_and(|from| from <= letter) && to.is_some_and(|to| letter <= to)
}

/// Adds a place, or those that it leads to without a character.
fn follow(program: &[Value], place: usize, places: &mut Vec<usize>) {
    if places.contains(&place) {
        return;
    }
    places.push(place);
    if let Some((1, distances)) = step(program, place) {
        for by in distances.iter().filter_map(Value::as_i64) {
            let by = isize::try_from(by).unwrap_or_default();
            follow(program, place.saturating_add_signed(by), places);
        }
    }
}
