//! Hears what the service says to PostgreSQL: the statements with their parameters, as they are on the wire. So the
//! floor is measured with what is really sent, and cannot fall behind the source.

use anyhow::{Context as _, bail, ensure};
use std::{
    collections::HashMap,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// A statement that was executed.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Parameter>,
}

/// A parameter, as text: of an array its one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// The type of an array's elements; none if it is no array.
    pub(crate) array_of: Option<&'static str>,
    /// Whether it is of type `bigint`, or an array of those.
    pub(crate) is_bigint: bool,
    /// None is null.
    pub(crate) value: Option<String>,
}

type Heard = Arc<Mutex<Vec<anyhow::Result<Statement>>>>;

/// Stands between the service and its server, as an address to connect to.
pub(crate) struct Tap {
    pub(crate) address: SocketAddr,
    heard: Heard,
}

impl Tap {
    pub(crate) fn before(server: (String, u16)) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, heard) = (listener.local_addr()?, Heard::default());
        let tap = Self {
            address,
            heard: Arc::clone(&heard),
        };
        thread::spawn(move || {
            for near in listener.incoming() {
                // A connection that breaks is for the service to see.
                let _ = near.and_then(|near| join(near, &server, Arc::clone(&heard)));
            }
        });
        Ok(tap)
    }

    /// What was heard since the last time.
    pub(crate) fn take(&self) -> anyhow::Result<Vec<Statement>> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *heard).into_iter().collect()
    }
}

fn join(near: TcpStream, server: &(String, u16), heard: Heard) -> io::Result<()> {
    let far = TcpStream::connect((&*server.0, server.1))?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut answers, mut asker) = (far.try_clone()?, near.try_clone()?);
    thread::spawn(move || io::copy(&mut answers, &mut asker));
    thread::spawn(move || listen(near, far, &heard));
    Ok(())
}

/// Passes on what the service sends, message by message, and keeps what it executes.
fn listen(mut near: TcpStream, mut far: TcpStream, heard: &Heard) -> io::Result<()> {
    let mut prepared = HashMap::new();
    // The first message has no type.
    pass(&mut near, &mut far, &[])?;
    loop {
        let mut kind = [0];
        near.read_exact(&mut kind)?;
        let body = pass(&mut near, &mut far, &kind)?;
        if let Some(statement) = executed(kind[0], &body, &mut prepared).transpose() {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(statement);
        }
    }
}

/// Passes on one message, and gives its body.
fn pass(near: &mut TcpStream, far: &mut TcpStream, kind: &[u8]) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    near.read_exact(&mut length)?;
    let size = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    let mut body = vec![0; size.saturating_sub(4)];
    near.read_exact(&mut body)?;
    far.write_all(&[kind, &length, &body].concat())?;
    Ok(body)
}

/// A prepared statement's text, and the types of its parameters.
type Prepared = (String, Vec<u32>);

/// The statement that this message executes, if it does.
fn executed(
    kind: u8,
    body: &[u8],
    prepared: &mut HashMap<String, Prepared>,
) -> anyhow::Result<Option<Statement>> {
    let mut fields = Fields(body);
    match kind {
        b'Q' => Ok(Some(Statement {
            text: fields.text()?,
            parameters: Vec::new(),
        })),
        b'P' => {
            let (name, text) = (fields.text()?, fields.text()?);
            let count = fields.short()?;
            let types = (0..count)
                .map(|_| fields.long())
                .collect::<Result<_, _>>()?;
            prepared.insert(name, (text, types));
            Ok(None)
        }
        b'B' => {
            let (_portal, name) = (fields.text()?, fields.text()?);
            let (text, types) = prepared.get(&name).context("it was not prepared")?;
            let parameters = fields.parameters(types)?;
            let text = text.clone();
            Ok(Some(Statement { text, parameters }))
        }
        _ => Ok(None),
    }
}

/// What is left of a message.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn bytes(&mut self, count: usize) -> anyhow::Result<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).context("it is cut off")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> anyhow::Result<String> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.bytes(end.context("a text does not end")?)?;
        self.bytes(1)?;
        Ok(String::from_utf8(text.to_vec())?)
    }

    fn short(&mut self) -> anyhow::Result<u16> {
        Ok(u16::from_be_bytes(self.bytes(2)?.try_into()?))
    }

    fn long(&mut self) -> anyhow::Result<u32> {
        Ok(u32::from_be_bytes(self.bytes(4)?.try_into()?))
    }

    fn parameters(&mut self, types: &[u32]) -> anyhow::Result<Vec<Parameter>> {
        let formats = self.short()?;
        ensure!(
            formats <= 1,
            "parameters have different formats, which this does not read"
        );
        let is_binary = formats == 1 && self.short()? == 1;
        let count = self.short()?;
        ensure!(usize::from(count) == types.len(), "parameters are missing");
        let mut parameters = Vec::new();
        for oid in types {
            ensure!(is_binary, "parameters are text, which this does not read");
            let value = self.value()?.map(Fields);
            let (element, array_of) = match ARRAYS.iter().find(|(array, ..)| array == oid) {
                Some((_, element, name)) => (*element, Some(*name)),
                None => (*oid, None),
            };
            let value = match (value, array_of) {
                (Some(mut array), Some(_)) => array.only_element()?,
                (value, _) => value.map(|value| value.0),
            };
            parameters.push(Parameter {
                array_of,
                is_bigint: element == BIGINT,
                value: value.map(|value| as_text(element, value)).transpose()?,
            });
        }
        Ok(parameters)
    }

    /// A value after its length; none is null.
    fn value(&mut self) -> anyhow::Result<Option<&'b [u8]>> {
        match usize::try_from(self.long()?)? {
            NULL => Ok(None),
            length => self.bytes(length).map(Some),
        }
    }

    /// The element of an array that has one: a call alone asks for one of everything.
    fn only_element(&mut self) -> anyhow::Result<Option<&'b [u8]>> {
        let (dimensions, _has_null, _oid) = (self.long()?, self.long()?, self.long()?);
        ensure!(dimensions == 1, "an array has {dimensions} dimensions");
        let (length, _lower_bound) = (self.long()?, self.long()?);
        ensure!(
            length == 1,
            "an array has {length} elements, and one is expected"
        );
        self.value()
    }
}

const NULL: usize = u32::MAX as usize;
const BIGINT: u32 = 20;

/// Array types: theirs, and that of their elements with its name.
const ARRAYS: [(u32, u32, &str); 5] = [
    (1001, 17, "bytea"),
    (1009, 25, "text"),
    (1016, BIGINT, "bigint"),
    (1185, 1184, "timestamptz"),
    (3807, 3802, "jsonb"),
];

/// A binary value as PostgreSQL reads it from text.
fn as_text(oid: u32, value: &[u8]) -> anyhow::Result<String> {
    Ok(match oid {
        // bytea
        17 => bytes(value),
        BIGINT => i64::from_be_bytes(value.try_into()?).to_string(),
        // text, json, varchar
        25 | 114 | 1043 => String::from_utf8(value.to_vec())?,
        // jsonb, after its version
        3802 => String::from_utf8(value.get(1..).unwrap_or_default().to_vec())?,
        // timestamptz, in microseconds since 2000-01-01
        1184 => {
            let micros = i64::from_be_bytes(value.try_into()?);
            let start = OffsetDateTime::from_unix_timestamp(946_684_800)?;
            (start + Duration::microseconds(micros)).format(&Rfc3339)?
        }
        _ => bail!("a parameter is of type {oid}, which this does not read"),
    })
}

/// Bytes as PostgreSQL reads them from text.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let mut text = "\\x".to_owned();
    crate::rows::hex(&mut text, bytes);
    text
}
