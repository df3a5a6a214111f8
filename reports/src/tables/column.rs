//! Columns under construction: typed, reused from batch to batch, filled straight from the row's own memory.
//!
//! Text is plain UTF-8 to every reader; repetition is left to Parquet's dictionary encoding, which DuckDB and
//! pyarrow both open as ordinary strings.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{ArrayBuilder, ListBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, TimestampNanosecondType, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::{DataType, Field, TimeUnit};
use coldcase_model::Timestamp;

/// What every column can do. How a value is appended is each type's own `push`.
pub(crate) trait Column {
    /// Whether a row may lack the value.
    const NULLABLE: bool = false;
    /// The type as the table's documentation names it.
    const TYPE_NAME: &'static str;
    /// The type as Arrow names it.
    fn data_type() -> DataType;
    /// An empty column.
    fn empty() -> Self;
    /// The values so far, leaving the column empty.
    fn take(&mut self) -> ArrayRef;
    /// Bytes of text held, for columns whose rows differ in size.
    fn text_bytes(&self) -> usize {
        0
    }
}

/// A number.
pub(crate) struct Number<T: ArrowPrimitiveType>(PrimitiveBuilder<T>);
/// A 16-bit count or code.
pub(crate) type U16 = Number<UInt16Type>;
/// A 32-bit count or index.
pub(crate) type U32 = Number<UInt32Type>;
/// A 64-bit count, index, offset or size.
pub(crate) type U64 = Number<UInt64Type>;
/// A fraction.
pub(crate) type F32 = Number<Float32Type>;
/// Points.
pub(crate) type F64 = Number<Float64Type>;

/// The names of the number types, as documentation writes them.
pub(crate) trait Named {
    /// The name.
    const NAME: &'static str;
}
macro_rules! named {
    ($($type:ty => $name:literal),+) => { $(impl Named for $type { const NAME: &'static str = $name; })+ };
}
named!(UInt16Type => "uint16", UInt32Type => "uint32", UInt64Type => "uint64");
named!(Float32Type => "float32", Float64Type => "float64");

impl<T: ArrowPrimitiveType + Named> Number<T> {
    pub(crate) fn push(&mut self, value: T::Native) {
        self.0.append_value(value);
    }
}

impl<T: ArrowPrimitiveType + Named> Column for Number<T> {
    const TYPE_NAME: &'static str = T::NAME;

    fn data_type() -> DataType {
        T::DATA_TYPE
    }

    fn empty() -> Self {
        Self(PrimitiveBuilder::new())
    }

    fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

/// UTF-8 text.
pub(crate) struct Text(StringBuilder);

impl Text {
    pub(crate) fn push(&mut self, value: impl AsRef<str>) {
        self.0.append_value(value);
    }
}

impl Column for Text {
    const TYPE_NAME: &'static str = "text";

    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn empty() -> Self {
        Self(StringBuilder::new())
    }

    fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }

    fn text_bytes(&self) -> usize {
        self.0.values_slice().len()
    }
}

/// A column in which a row may lack the value.
pub(crate) struct Nullable<C>(C);

impl<T: ArrowPrimitiveType + Named> Nullable<Number<T>> {
    pub(crate) fn push(&mut self, value: Option<T::Native>) {
        self.0.0.append_option(value);
    }
}

impl Nullable<Text> {
    pub(crate) fn push(&mut self, value: Option<impl AsRef<str>>) {
        self.0.0.append_option(value);
    }
}

impl<C: Column> Column for Nullable<C> {
    const NULLABLE: bool = true;
    const TYPE_NAME: &'static str = C::TYPE_NAME;

    fn data_type() -> DataType {
        C::data_type()
    }

    fn empty() -> Self {
        Self(C::empty())
    }

    fn take(&mut self) -> ArrayRef {
        self.0.take()
    }

    fn text_bytes(&self) -> usize {
        self.0.text_bytes()
    }
}

/// A point in time; a row may lack it, since nothing is filled in for an event without a time.
pub(crate) struct Time(PrimitiveBuilder<TimestampNanosecondType>);

impl Time {
    pub(crate) fn push(&mut self, value: Option<Timestamp>) {
        self.0.append_option(value.map(|time| time.nanos));
    }
}

impl Column for Time {
    const NULLABLE: bool = true;
    const TYPE_NAME: &'static str = "timestamp";

    fn data_type() -> DataType {
        DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
    }

    fn empty() -> Self {
        Self(PrimitiveBuilder::new().with_data_type(Self::data_type()))
    }

    fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }
}

/// A list of texts, empty for a row that has none.
pub(crate) struct Texts(ListBuilder<StringBuilder>);

impl Texts {
    pub(crate) fn push(&mut self, values: impl IntoIterator<Item = impl AsRef<str>>) {
        for value in values {
            self.0.values().append_value(value);
        }
        self.0.append(true);
    }

    fn item() -> Arc<Field> {
        Arc::new(Field::new("item", DataType::Utf8, false))
    }
}

impl Column for Texts {
    const TYPE_NAME: &'static str = "list of text";

    fn data_type() -> DataType {
        DataType::List(Self::item())
    }

    fn empty() -> Self {
        Self(ListBuilder::new(StringBuilder::new()).with_field(Self::item()))
    }

    fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }

    fn text_bytes(&self) -> usize {
        let values = self.0.values_ref();
        values.values_slice().len().saturating_add(values.len().saturating_mul(4))
    }
}

/// A list of numbers, empty for a row that has none; one of them may be unknown.
pub(crate) struct U64s(ListBuilder<PrimitiveBuilder<UInt64Type>>);

impl U64s {
    pub(crate) fn push(&mut self, values: impl IntoIterator<Item = Option<u64>>) {
        self.0.values().extend(values);
        self.0.append(true);
    }

    fn item() -> Arc<Field> {
        Arc::new(Field::new("item", DataType::UInt64, true))
    }
}

impl Column for U64s {
    const TYPE_NAME: &'static str = "list of uint64";

    fn data_type() -> DataType {
        DataType::List(Self::item())
    }

    fn empty() -> Self {
        Self(ListBuilder::new(PrimitiveBuilder::new()).with_field(Self::item()))
    }

    fn take(&mut self) -> ArrayRef {
        Arc::new(self.0.finish())
    }

    fn text_bytes(&self) -> usize {
        self.0.values_ref().len().saturating_mul(8)
    }
}
