//! The Cashless API as bytes (contract 1.9 and the ECR page): requests in JSON, answers with RFC 3339 times, and its own
//! small error shape.

mod error;
mod reply;
mod request;

pub use error::{CashlessCode, CashlessError};
pub use reply::{
    ActiveTransaction, BatchClosed, Cancelled, Completion, Declined, LastReceipt, LastTransaction,
    Outcomeless, ReceiptData, Refunded, Reprinted, Rfc3339, Status, Transaction,
};
pub use request::{
    BatchClose, Cancel, CopyWord, Nothing, Preauth, PreauthCancel, PreauthComplete, ReceiptLast, Refund,
    Reprint, Sale, StatusRequest,
};
