//! The step types, one file each.

mod arm_change;
mod arm_get;
mod arm_list;
mod arm_resource;
mod arm_undo;
mod blob_conditions;
mod blob_container;
mod blob_download;
mod blob_metadata;
mod blob_upload;
mod download_undo;
mod echo;
mod exec;
mod exec_argv;
mod exec_environment;
mod file;
mod file_content;
mod file_receipt;
mod file_undo;
mod file_wanted;
mod keyvault_secret;
mod media_type;
mod metadata;
mod token;

pub use arm_get::ArmGet;
pub use arm_list::ArmList;
pub use arm_resource::ArmResource;
pub use blob_container::BlobContainer;
pub use blob_download::BlobDownload;
pub use blob_upload::BlobUpload;
pub use echo::Echo;
pub use exec::Exec;
pub use file::LocalFile;
pub use keyvault_secret::KeyvaultSecret;
pub use metadata::Metadata;
pub use token::Token;
