//! A table of values, as a service would keep it, in a database of its own.

use super::{Fence, Written};
use crate::harness::Database;
use std::{fs, path::Path};

pub struct Values {
    database: Database,
    write: String,
    raise: String,
}

impl Values {
    /// An empty table on the engine of the other database.
    pub async fn new(like: &Database) -> Self {
        let database = like.another().await;
        if let Some(file) = database.url().strip_prefix("sqlite://") {
            // An empty file is an empty database; one that is missing is not made.
            fs::write(file, []).unwrap();
        }
        let [create, write, raise] = statements();
        database.run(&create).await;
        Self {
            database,
            write,
            raise,
        }
    }

    pub async fn write(&self, fence: Fence, value: i64) -> Written {
        let value = format!("'{value}'");
        let generation = fence.generation.to_string();
        let changed = self.change(&self.write, &[&generation, &value]).await;
        Written::of_rows(changed)
    }

    pub async fn raise(&self, generation: i64) {
        self.change(&self.raise, &[&generation.to_string()]).await;
    }

    /// How many rows a statement about ada's steps changed.
    async fn change(&self, statement: &str, values: &[&str]) -> u64 {
        let mut sql = format!("{statement} returning generation");
        for (number, value) in ["'ada'", "'steps'"].iter().chain(values).enumerate() {
            sql = sql.replace(&format!("${}", number + 1), value);
        }
        self.database.numbers(&sql).await.len().try_into().unwrap()
    }

    /// The value of ada's steps, if there is one.
    pub async fn value(&self) -> Option<i64> {
        let sql = "select cast(value as bigint) from stored where value is not null";
        self.database.numbers(sql).await.pop()
    }
}

/// The statements of the page: the table, the write, and what raises the fence.
fn statements() -> [String; 3] {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-safely.md");
    let page = fs::read_to_string(path).unwrap();
    let blocks = page.split("```sql\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect::<Vec<_>>().try_into().unwrap()
}
