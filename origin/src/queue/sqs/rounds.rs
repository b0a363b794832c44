//! In which order messages are sent.
//!
//! Messages of one request are kept or refused one by one. So no request holds two of one aggregate, and
//! none is sent while one that was ahead of it in its aggregate is not kept: else a refused first and a
//! kept second would change places for good.

use std::collections::HashMap;

use uuid::Uuid;

/// Most messages a request [SQS, `SendMessageBatch`].
const MESSAGES_MAX: usize = 10;
/// Most bytes of a request's bodies: what SQS took before it allowed more, less what surrounds them.
const BYTES_MAX: usize = 240 * 1024;

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) group: Uuid,
    pub(super) id: String,
    pub(super) body: String,
}

/// Requests by rounds: those of one round may go at once, the next round follows when all of it is kept.
pub(super) fn rounds(messages: Vec<Outgoing>) -> Vec<Vec<Vec<Outgoing>>> {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut rounds: Vec<Vec<Vec<Outgoing>>> = Vec::new();
    for message in messages {
        let place = places.entry(message.group).or_default();
        if rounds.len() <= *place {
            rounds.push(Vec::new());
        }
        if let Some(round) = rounds.get_mut(*place) {
            add(round, message);
        }
        *place += 1;
    }
    rounds
}

fn add(requests: &mut Vec<Vec<Outgoing>>, message: Outgoing) {
    if let Some(last) = requests.last_mut() {
        let bytes: usize = last.iter().map(|one| one.body.len()).sum();
        if last.len() < MESSAGES_MAX && bytes + message.body.len() <= BYTES_MAX {
            last.push(message);
            return;
        }
    }
    requests.push(vec![message]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(group: u128, number: usize, bytes: usize) -> Outgoing {
        Outgoing {
            group: Uuid::from_u128(group),
            id: number.to_string(),
            body: "x".repeat(bytes),
        }
    }

    fn sizes(rounds: &[Vec<Vec<Outgoing>>]) -> Vec<Vec<usize>> {
        let round = |round: &Vec<Vec<Outgoing>>| round.iter().map(Vec::len).collect();
        rounds.iter().map(round).collect()
    }

    #[test]
    fn an_aggregates_messages_go_one_round_after_the_other() {
        for (groups, expected) in [
            (&[][..], vec![]),
            (&[1, 2, 3], vec![vec![3]]),
            (&[1, 1, 1], vec![vec![1], vec![1], vec![1]]),
            (&[1, 2, 1, 3, 1, 2], vec![vec![3], vec![2], vec![1]]),
            (
                &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11],
                vec![vec![10, 1], vec![1]],
            ),
        ] {
            let messages = groups.iter().enumerate();
            let messages = messages.map(|(number, group)| message(*group, number, 1));
            let rounds = rounds(messages.collect());
            assert_eq!(sizes(&rounds), expected, "{groups:?}");
            for request in rounds.iter().flatten() {
                let mut seen: Vec<_> = request.iter().map(|one| one.group).collect();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), request.len(), "two of a group in {request:?}");
            }
        }
    }

    #[test]
    fn requests_have_no_more_bytes_than_are_taken() {
        let messages = [(1, 200_000), (2, 40_000), (3, 40_000), (4, 300_000)];
        let messages = messages.map(|(group, bytes)| message(group, 0, bytes));
        assert_eq!(sizes(&rounds(messages.to_vec())), [vec![2, 1, 1]]);
    }
}
