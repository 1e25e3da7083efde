"""Conversions on a Dask cluster, whose workers need not see the files of this machine (`build --dask tcp://…`).

    client.py      the cluster as a build sees it: of the same shape as `children.Children`
    desk.py        what runs on a worker: sources come, conversions run, results are read
    conversion.py  the process in which a worker has one conversion run

A conversion is a task on one worker, so that Dask counts it among that worker's. Sources go there before, and results
come back after, in blocks and beside the tasks (`Client.run`), by content hash.
"""
