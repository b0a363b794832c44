//! Runs the steps of a seed, watches each answer, and lets clients finish.

use std::collections::VecDeque;

use edge::platform::memory::{Faults, Lost};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::invariants;
use crate::model::{CUSTOMERS, Fate, Intent, Step, steps};
use crate::world::{Answer, Template, World, customer, price, product};

/// Tries of a client that retries until its answer is final.
const RETRIES: usize = 8;
/// How far the client's clock goes between two of them: past every lease.
const RETRY_PAUSE_MS: u64 = 40_000;
/// Requests of a flood: more than a bucket holds.
const FLOOD: usize = 1_100;

/// What one customer's bucket admitted, in tokens.
#[derive(Default, Clone)]
pub(crate) struct Admitted {
    pub(crate) tokens: u64,
}

/// What was seen of one intent.
pub(crate) struct Seen {
    pub(crate) intent: Intent,
    /// The first final answer.
    pub(crate) answer: Option<Answer>,
}

/// All that was seen.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) seen: Vec<Seen>,
    pub(crate) admitted: Vec<Admitted>,
    operations: usize,
}

/// Runs a seed; the number of operations, or what broke.
pub(crate) async fn run(template: &Template, seed: u64) -> Result<usize, String> {
    let world = World::start(template, seed).await;
    let mut record = Record {
        admitted: vec![Admitted::default(); CUSTOMERS],
        ..Record::default()
    };
    for (place, step) in steps(seed).into_iter().enumerate() {
        take(&world, &mut record, &step)
            .await
            .map_err(|fault| format!("step {place}, {step:?}: {fault}"))?;
        invariants::limits(&world, &record)?;
    }
    finish(&world, &mut record).await?;
    world.drain().await;
    invariants::all(&world, &record).await?;
    let operations = record.operations;
    world.end().await;
    Ok(operations)
}

async fn take(world: &World, record: &mut Record, step: &Step) -> Result<(), String> {
    match step {
        Step::Order(intent, fate) => {
            record.seen.push(Seen {
                intent: intent.clone(),
                answer: None,
            });
            post(world, record, record.seen.len() - 1, *fate).await
        }
        Step::Repeat(place, fate) => post(world, record, *place, *fate).await,
        Step::RepeatOther(place) => other(world, record, *place).await,
        Step::Pair(place) => pair(world, record, *place).await,
        Step::Read(place) => {
            let request = Request::get(format!(
                "https://shop.example/v2/products/{}",
                product(*place)
            ));
            let answer = send(world, record, 0, request, String::new(), 1).await;
            settle(world, Fate::Whole).await;
            expect(&answer, &[StatusCode::OK, StatusCode::TOO_MANY_REQUESTS])
        }
        Step::Flood(customer) => flood(world, record, *customer).await,
        Step::RestartObjects => {
            world.memory.restart_replay();
            Ok(())
        }
        Step::LoseObjects => {
            world.memory.lose_replay();
            Ok(())
        }
        Step::EvictCopies => {
            world.memory.evict_copies();
            Ok(())
        }
        Step::Advance(ms) => {
            world.advance_ms(*ms);
            Ok(())
        }
        Step::Work => {
            world.drain().await;
            Ok(())
        }
    }
}

/// Sends an intent, with a fate, and checks its answer against all earlier ones.
async fn post(world: &World, record: &mut Record, place: usize, fate: Fate) -> Result<(), String> {
    let intent = record.seen[place].intent.clone();
    let fetches = match fate {
        Fate::Whole | Fate::CrashBeforeStore => VecDeque::new(),
        Fate::RequestLost => VecDeque::from([Some(Lost::Request)]),
        Fate::ReplyLost => VecDeque::from([Some(Lost::Reply)]),
    };
    world.memory.set_faults(Faults {
        fetches,
        ..Faults::default()
    });
    let answer = order(world, record, &intent, "").await;
    world.memory.set_faults(Faults::default());
    settle(world, fate).await;
    watch(record, place, &answer)
}

/// The key of an intent with another body: refused whenever the first one is known.
async fn other(world: &World, record: &mut Record, place: usize) -> Result<(), String> {
    let intent = record.seen[place].intent.clone();
    if record.seen[place].answer.is_none() {
        return Ok(());
    }
    let answer = order(world, record, &intent, "another note").await;
    settle(world, Fate::Whole).await;
    expect(
        &answer,
        &[
            StatusCode::UNPROCESSABLE_ENTITY,
            StatusCode::TOO_MANY_REQUESTS,
        ],
    )
}

/// Two copies at once; without replay objects, so that they meet in the origin.
async fn pair(world: &World, record: &mut Record, place: usize) -> Result<(), String> {
    let intent = record.seen[place].intent.clone();
    world.memory.set_faults(Faults {
        replay_down: true,
        ..Faults::default()
    });
    let (one, two) = futures_util::join!(
        world.send(intent.customer, request(&intent), body(&intent, "")),
        world.send(intent.customer, request(&intent), body(&intent, "")),
    );
    world.memory.set_faults(Faults::default());
    for answer in [one, two] {
        count(record, intent.customer, &answer, 5);
        watch(record, place, &answer)?;
    }
    Ok(())
}

async fn flood(world: &World, record: &mut Record, customer: usize) -> Result<(), String> {
    for _ in 0..FLOOD {
        let request = Request::get("https://shop.example/v2/products?limit=1");
        let answer = send(world, record, customer, request, String::new(), 1).await;
        settle(world, Fate::Whole).await;
        expect(&answer, &[StatusCode::OK, StatusCode::TOO_MANY_REQUESTS])?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Ok(());
        }
    }
    Err("the bucket never emptied".into())
}

/// Each client repeats until its answer is final, as the documents tell it to.
async fn finish(world: &World, record: &mut Record) -> Result<(), String> {
    for place in 0..record.seen.len() {
        for _ in 0..RETRIES {
            if record.seen[place].answer.is_some() {
                break;
            }
            world.advance_ms(RETRY_PAUSE_MS);
            post(world, record, place, Fate::Whole).await?;
        }
    }
    Ok(())
}

async fn order(world: &World, record: &mut Record, intent: &Intent, note: &str) -> Answer {
    send(
        world,
        record,
        intent.customer,
        request(intent),
        body(intent, note),
        5,
    )
    .await
}

fn request(intent: &Intent) -> http::request::Builder {
    Request::post("https://shop.example/v2/orders")
        .header("content-type", "application/json")
        .header(
            "idempotency-key",
            format!("{}-{}", customer(intent.customer), intent.key),
        )
}

fn body(intent: &Intent, note: &str) -> String {
    let items: Vec<Value> = intent
        .lines
        .iter()
        .map(|(place, quantity)| json!({"product_id": product(*place), "quantity": quantity}))
        .collect();
    let total: i64 = intent
        .lines
        .iter()
        .map(|(place, quantity)| price(*place) * i64::from(*quantity))
        .sum();
    json!({
        "items": items,
        "payment_method": intent.method,
        "expected_total": {"amount": total, "currency": "USD"},
        "shipping_address": {"name": "Ada", "line1": "1 Main St", "city": "Bern",
            "postal_code": "3000", "country": "CH"},
        "note": note,
    })
    .to_string()
}

async fn send(
    world: &World,
    record: &mut Record,
    customer: usize,
    request: http::request::Builder,
    body: String,
    cost: u64,
) -> Answer {
    let answer = world.send(customer, request, body).await;
    count(record, customer, &answer, cost);
    answer
}

fn count(record: &mut Record, customer: usize, answer: &Answer, cost: u64) {
    record.operations += 1;
    if answer.status != StatusCode::TOO_MANY_REQUESTS {
        record.admitted[customer].tokens += cost;
    }
}

/// What the isolate does after an answer, or does not because it died.
async fn settle(world: &World, fate: Fate) {
    match fate {
        Fate::CrashBeforeStore => world.memory.drop_deferred(),
        Fate::Whole | Fate::RequestLost | Fate::ReplyLost => world.memory.run_deferred().await,
    }
}

fn expect(answer: &Answer, statuses: &[StatusCode]) -> Result<(), String> {
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    Err(format!(
        "{} instead of {statuses:?}: {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    ))
}

/// A final answer equals every other final answer of its key; anything else says that it is not
/// final, with what became of the work.
fn watch(record: &mut Record, place: usize, answer: &Answer) -> Result<(), String> {
    let code = answer.field("error-code").to_owned();
    let is_final = matches!(answer.status.as_u16(), 201 | 402);
    let passing = matches!(
        (answer.status.as_u16(), code.as_str()),
        (
            409,
            "out_of_stock" | "idempotency_in_progress" | "operation_uncertain"
        ) | (429, "rate_limited")
            | (502, "origin_unreachable")
    );
    if !is_final && !passing {
        return expect(answer, &[]);
    }
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if passing && answer.status.as_u16() != 429 && problem["outcome"].is_null() {
        return Err(format!("a failed keyed call without outcome: {problem}"));
    }
    let known = &mut record.seen[place].answer;
    match known {
        Some(first) if is_final && first.body != answer.body => Err(format!(
            "two answers of one key: {:?} and {:?}",
            first.body, answer.body
        )),
        Some(_) if !is_final && code == "out_of_stock" => {
            Err("a key that was answered is refused as if it were new".to_owned())
        }
        None if is_final => {
            *known = Some(answer.clone());
            Ok(())
        }
        _ => Ok(()),
    }
}
