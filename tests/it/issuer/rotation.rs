//! The issuer signs with another key from now on.

use super::{World, in_a_world};
use serde_json::{Value, json};

in_a_world! {
    a_new_key_counts_at_once_and_the_old_one_until_it_is_gone,
}

async fn a_new_key_counts_at_once_and_the_old_one_until_it_is_gone(world: World) {
    let old = world.provider.token("oura", "ada", "jwt").await;
    world.accepted(&old).await;
    world.provider.tell("rotate", &Value::Null).await;
    let new = world.provider.token("oura", "ada", "jwt").await;
    world.accepted(&new).await;
    world.accepted(&old).await;
    // The key before is taken back. Whoever names a key that is not known has all of them read again.
    world.provider.tell("retire", &Value::Null).await;
    let junk = world.headed(json!({"kid": "junk"})).await;
    world.refused(&junk).await;
    world.refused(&old).await;
    world.accepted(&new).await;
}
