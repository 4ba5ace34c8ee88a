/* What a program that carries another one does with it. */
#ifndef CLASSIC_UPDATE_H
#define CLASSIC_UPDATE_H

void update(void);

#endif
