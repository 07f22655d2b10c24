//! Two ways from bytes to values and back: the program, and the library that it is made of.

use std::path::Path;

use cwire_codec::plan::{Plan, PlanOptions, Short};
use cwire_header::{Lang, Options};
use cwire_layout::abi::{Abi, Endian};

use super::cwire;
use super::json::Json;
use super::model::{Body, Header, Kind, Record, Scalar, Ty};

/// A record, and how it is decoded.
pub(super) struct Route<'a> {
    pub(super) abi: Abi,
    pub(super) header: &'a Header,
    pub(super) record: &'a Record,
    /// Where the header's file is.
    pub(super) dir: &'a Path,
    /// In which the records are, if not in that of the ABI.
    pub(super) endian: Option<Endian>,
    pub(super) by_program: bool,
}

impl Route<'_> {
    /// The fields of records that follow each other, each of `len` bytes.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        len: usize,
        lossless: bool,
    ) -> Result<Vec<Json>, String> {
        if self.by_program {
            return self.decode_by_program(bytes, len, lossless);
        }
        let plan = self.plan(lossless)?;
        let mut records = Vec::new();
        for frame in bytes.chunks(len) {
            let mut json = Vec::new();
            let findings = plan
                .write_json(frame, Short::Error, &mut json)
                .map_err(|error| error.to_string())?;
            if findings.first_invalid().is_some() && !holds_bool(self.header, &self.record.body) {
                return Err(format!("{:?} are no values", plan.invalid(frame, 3)));
            }
            let json = String::from_utf8(json).unwrap();
            records.push(Json::parse(&json).map_err(|error| format!("{error}: {json}"))?);
        }
        Ok(records)
    }

    /// The bytes of records, one after the other.
    pub(super) fn encode(&self, records: &[Json]) -> Result<Vec<u8>, String> {
        if self.by_program {
            return self.encode_by_program(records);
        }
        let plan = self.plan(false)?;
        let mut bytes = Vec::new();
        for record in records {
            let mut json = String::new();
            record.print(&mut json);
            plan.encode_json(json.as_bytes(), &mut bytes)
                .map_err(|error| format!("{error}\n{json}"))?;
        }
        Ok(bytes)
    }

    fn plan(&self, lossless: bool) -> Result<Plan, String> {
        let mut options = Options::new(self.abi);
        options.lang = Some(self.header.lang);
        let path = self.dir.join(format!("{}.h", self.header.prefix));
        let header = cwire_header::read_file(&path, &options).map_err(|error| error.to_string())?;
        let types = &header.types;
        let records = types.records();
        let record = records.iter().find(|&&id| *types.record(id).name == *self.record.name);
        let record = *record.ok_or_else(|| format!("no record {}", self.record.name))?;
        let mut options = PlanOptions::default();
        options.endian = self.endian;
        options.lossless = lossless;
        Plan::new(types, record, &options).map_err(|error| error.to_string())
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--header={}.h", self.header.prefix),
            format!("--abi={}", self.abi.triple()),
            format!("--lang={}", if self.header.lang == Lang::C { "c" } else { "c++" }),
        ];
        arguments.extend(self.endian.map(|endian| match endian {
            Endian::Little => "--endian=little".to_owned(),
            Endian::Big => "--endian=big".to_owned(),
        }));
        arguments
    }

    fn decode_by_program(
        &self,
        bytes: &[u8],
        len: usize,
        lossless: bool,
    ) -> Result<Vec<Json>, String> {
        let name = &self.record.name;
        std::fs::write(self.dir.join("records.bin"), bytes).unwrap();
        // Random bytes may look like a hex dump or a capture.
        let mut arguments =
            ["decode", "records.bin", "--format=json", "--input=binary"].map(String::from).to_vec();
        arguments.extend(self.arguments());
        if lossless {
            arguments.push("--lossless".into());
        }
        if self.record.tail.is_some() {
            let text = format!("[[message]]\nrecord = \"{name}\"\nlength = {len}\n");
            std::fs::write(self.dir.join("records.toml"), text).unwrap();
            arguments.push("--protocol=records.toml".into());
        } else {
            arguments.push(format!("--record={name}"));
        }
        let output = cwire::command(self.dir, &arguments).output().unwrap();
        // A `bool` can hold a byte that is none of its values; nothing else is wrong.
        let may_complain = holds_bool(self.header, &self.record.body);
        match output.status.code() {
            Some(0) => Ok(cwire::records(&String::from_utf8(output.stdout).unwrap())),
            Some(1) if may_complain => {
                Ok(cwire::records(&String::from_utf8(output.stdout).unwrap()))
            }
            _ => Err(format!(
                "cwire {arguments:?}: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }

    fn encode_by_program(&self, records: &[Json]) -> Result<Vec<u8>, String> {
        let mut lines = String::new();
        for record in records {
            let name = Json::Text(self.record.name.clone());
            let members = [("record", name), ("fields", record.clone())];
            Json::Object(members.map(|(name, value)| (name.to_owned(), value)).to_vec())
                .print(&mut lines);
            lines.push('\n');
        }
        std::fs::write(self.dir.join("records.jsonl"), &lines).unwrap();
        let mut arguments =
            ["encode", "records.jsonl", "-o", "again.bin"].map(String::from).to_vec();
        arguments.extend(self.arguments());
        arguments.push(format!("--record={}", self.record.name));
        let output = cwire::command(self.dir, &arguments).output().unwrap();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("cwire {arguments:?}: {}\n{errors}{lines}", output.status));
        }
        Ok(std::fs::read(self.dir.join("again.bin")).unwrap())
    }
}

/// Whether there is a `bool` of a byte of its own.
fn holds_bool(header: &Header, body: &Body) -> bool {
    fn ty_holds(header: &Header, ty: &Ty) -> bool {
        match ty {
            Ty::Scalar(Scalar { kind, .. }) => *kind == Kind::Bool,
            Ty::Array(element, _) => ty_holds(header, element),
            Ty::Record(index) => holds_bool(header, &header.records[*index].body),
            Ty::Body(body) => holds_bool(header, body),
            Ty::Enum(_) | Ty::Vector(..) => false,
        }
    }
    let members = header.members(body);
    members.iter().any(|member| member.bits.is_none() && ty_holds(header, &member.ty))
}
