//! arcbook under the name `az`: the commands of the Azure CLI that other programs run.

mod clients;
mod commands;
mod scene;
