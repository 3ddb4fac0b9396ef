//! What a terminal serves in the merchant's network, over real TLS on loopback: a till and an ECR talk to a device with
//! a simulated reader, behind which stands a scripted cloud.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cashless;
mod certificates;
mod discovery;
mod ecr;
mod events;
mod forgotten;
mod front;
mod pay;
mod refunds;
mod shop;
mod stalls;
mod wire;
