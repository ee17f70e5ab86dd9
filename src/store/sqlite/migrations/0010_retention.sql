-- Lines of the access history are erased by age.
CREATE INDEX accesses_old ON accesses (at);
