ALTER TABLE astledger
  DROP KEY chain_building
