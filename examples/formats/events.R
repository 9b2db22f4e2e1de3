# Conflict by month and country: the table of `dragoman export polecat` with R alone.
# Rscript events.R events.txt

path <- commandArgs(trailingOnly = TRUE)[1]

# Everything as words first, so that no code loses its zeros; "None" is missing; a quote mark is a character like others.
events <- read.delim(path, colClasses = "character", quote = "", comment.char = "", na.strings = "None",
                     check.names = FALSE, fileEncoding = "UTF-8")

events$day <- as.Date(events[["Event Date"]])
events$month <- format(events$day, "%Y-%m")
events$intensity <- as.numeric(events[["Intensity"]])

conflict <- events[events[["Quad Code"]] %in% c("VERBAL CONFLICT", "MATERIAL CONFLICT"), ]
print(as.data.frame(table(month = conflict$month, actor = conflict[["Actor Country"]]), stringsAsFactors = FALSE))
print(aggregate(intensity ~ month, data = events, FUN = mean))
